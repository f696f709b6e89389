"""What the operator decides; everything comes from the environment, once."""

from proxy.settings.groups import (
    LOOPBACK_HOSTS,
    EmbeddingSettings,
    GeminiSettings,
    QdrantSettings,
    RagSettings,
    ServerSettings,
    Settings,
)
from proxy.settings.load import load_settings, variables

__all__ = [
    "LOOPBACK_HOSTS",
    "EmbeddingSettings",
    "GeminiSettings",
    "QdrantSettings",
    "RagSettings",
    "ServerSettings",
    "Settings",
    "load_settings",
    "variables",
]
