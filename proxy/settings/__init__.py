"""What the operator decides; everything comes from the environment, once."""

from proxy.settings.cache import CacheSettings
from proxy.settings.chatkit import ChatKitSettings
from proxy.settings.fields import SearchMode
from proxy.settings.groups import (
    GOOGLE_BASE_URL,
    LOOPBACK_HOSTS,
    GeminiSettings,
    ServerSettings,
    Settings,
)
from proxy.settings.load import load_settings, variables
from proxy.settings.readers import LimitSettings, StoreSettings, TokenSettings
from proxy.settings.retrieval import EmbeddingSettings, QdrantSettings, RagSettings
from proxy.settings.telemetry import TelemetrySettings
from proxy.settings.upstreams import FallbackSettings, OpenAISettings

__all__ = [
    "GOOGLE_BASE_URL",
    "LOOPBACK_HOSTS",
    "CacheSettings",
    "ChatKitSettings",
    "EmbeddingSettings",
    "FallbackSettings",
    "GeminiSettings",
    "LimitSettings",
    "OpenAISettings",
    "QdrantSettings",
    "RagSettings",
    "SearchMode",
    "ServerSettings",
    "Settings",
    "StoreSettings",
    "TelemetrySettings",
    "TokenSettings",
    "load_settings",
    "variables",
]
