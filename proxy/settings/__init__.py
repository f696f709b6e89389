"""What the operator decides; everything comes from the environment, once."""

from proxy.settings.groups import (
    GOOGLE_BASE_URL,
    LOOPBACK_HOSTS,
    EmbeddingSettings,
    GeminiSettings,
    QdrantSettings,
    RagSettings,
    ServerSettings,
    Settings,
)
from proxy.settings.load import load_settings, variables
from proxy.settings.upstreams import FallbackSettings, OpenAISettings

__all__ = [
    "GOOGLE_BASE_URL",
    "LOOPBACK_HOSTS",
    "EmbeddingSettings",
    "FallbackSettings",
    "GeminiSettings",
    "OpenAISettings",
    "QdrantSettings",
    "RagSettings",
    "ServerSettings",
    "Settings",
    "load_settings",
    "variables",
]
