"""Every setting: one frozen class per concern; an adapter's constructor receives its slice.

The alias of a field is the name of its environment variable; its description is what the
configuration page says of it (`tests/architecture` holds the page and `.env.example` to this file).
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from proxy.settings.cache import CacheSettings
from proxy.settings.chatkit import ChatKitSettings
from proxy.settings.cluster import RaySettings
from proxy.settings.fields import (
    BaseUrl,
    CloudLocation,
    CloudProject,
    GeminiModelName,
    Group,
    Key,
    OriginList,
    SecretList,
)
from proxy.settings.readers import LimitSettings, StoreSettings, TokenSettings
from proxy.settings.retrieval import EmbeddingSettings, QdrantSettings, RagSettings
from proxy.settings.telemetry import TelemetrySettings
from proxy.settings.upstreams import (
    FallbackSettings,
    GeneratorName,
    OpenAISettings,
    UpstreamLimits,
)

GOOGLE_BASE_URL = "https://generativelanguage.googleapis.com"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class GeminiSettings(UpstreamLimits):
    """Google Gemini."""

    api_key: Key | None = Field(
        None,
        alias="GEMINI_API_KEY",
        description="Key of the Gemini API; without one the built-in offline reader answers.",
    )
    base_url: BaseUrl = Field(
        GOOGLE_BASE_URL,
        alias="GEMINI_BASE_URL",
        description="Root of the REST API, without version.",
    )
    model: GeminiModelName = Field(
        "gemini-3.8-flash",
        alias="GEMINI_MODEL",
        description="Model that answers; `gpt-*` names stand for it.",
    )
    fast_model: GeminiModelName = Field(
        "gemini-3.5-flash-lite",
        alias="GEMINI_FAST_MODEL",
        description="Model that `*-mini` and `*-nano` names stand for.",
    )
    embedding_model: GeminiModelName = Field(
        "gemini-embedding-001",
        alias="GEMINI_EMBEDDING_MODEL",
        description="Model of the index when `EMBEDDER=gemini`.",
    )
    uses_vertex: bool = Field(
        False,
        alias="GOOGLE_GENAI_USE_VERTEXAI",
        description="Reach Gemini through Vertex AI with Google's application-default "
        "credentials; `GEMINI_API_KEY` is then not used.",
    )
    vertex_project: CloudProject | None = Field(
        None,
        alias="GOOGLE_CLOUD_PROJECT",
        description="Project of Vertex AI, by its id; needed there.",
    )
    vertex_location: CloudLocation = Field(
        "global",
        alias="GOOGLE_CLOUD_LOCATION",
        description="Where Vertex AI runs the models: a region, `us`, `eu` or `global`.",
    )

    takes_safety_settings: bool = Field(
        False,
        alias="GEMINI_CLIENT_SAFETY_SETTINGS",
        description="Pass on the `safety_settings` of requests; otherwise they are refused.",
    )
    reads_cloud_storage: bool = Field(
        False,
        alias="GEMINI_CLOUD_STORAGE",
        description="Pass on `gs://` addresses, which Gemini reads with the proxy's own identity; "
        "otherwise they are refused.",
    )

    @property
    def has_access(self) -> bool:
        """Whether Gemini can be called at all."""
        return self.uses_vertex or self.api_key is not None


class ServerSettings(Group):
    """The process that serves."""

    data_dir: Path = Field(
        Path("data"),
        alias="PROXY_DATA_DIR",
        description="Folder of the embedded index and of the SQLite database.",
    )
    api_keys: SecretList = Field(
        (),
        alias="PROXY_API_KEYS",
        description="Comma-separated keys; once set, every request needs one of them.",
    )
    allow_anonymous: bool = Field(
        False,
        alias="PROXY_ALLOW_ANONYMOUS",
        description="Serve callers without a key as readers, also beyond this machine.",
    )
    allowed_origins: OriginList = Field(
        (
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://localhost:5173",
            "http://127.0.0.1:5173",
        ),
        alias="ALLOWED_ORIGINS",
        description="Comma-separated origins of web pages that may call the API.",
    )
    public_base_url: BaseUrl | None = Field(
        None,
        alias="PUBLIC_BASE_URL",
        description="Where readers reach this proxy; for links to passages without a page.",
    )
    image_fetch: Literal["off", "https"] = Field(
        "off",
        alias="IMAGE_FETCH",
        description="`https` fetches the images that chats name by an https URL; `off` refuses "
        "them.",
    )
    request_timeout_s: float = Field(
        300.0, gt=0, alias="PROXY_REQUEST_TIMEOUT_S", description="Limit for a whole request."
    )
    max_open_generations: int = Field(
        2_000,
        ge=1,
        alias="PROXY_MAX_OPEN_GENERATIONS",
        description="Answers one worker generates at the same time; above it 503.",
    )
    drain_timeout_s: int = Field(
        30,
        ge=0,
        alias="PROXY_DRAIN_TIMEOUT_S",
        description="Time open answers get to finish when the server is told to stop.",
    )
    docs_enabled: bool = Field(
        True, alias="DOCS_ENABLED", description="Serve `/docs` and `/openapi.json`."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="LOG_LEVEL", description="The least severe level that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        "console", alias="LOG_FORMAT", description="`console` for people, `json` for machines."
    )


class Settings(Group):
    """What the whole process was told."""

    gemini: GeminiSettings
    openai: OpenAISettings
    fallback: FallbackSettings
    embedding: EmbeddingSettings
    qdrant: QdrantSettings
    rag: RagSettings
    server: ServerSettings
    tokens: TokenSettings
    store: StoreSettings
    limits: LimitSettings
    chatkit: ChatKitSettings
    cache: CacheSettings
    telemetry: TelemetrySettings
    ray: RaySettings
    generator_choice: GeneratorName | None = Field(
        None,
        alias="GENERATOR",
        description="`gemini`, `openai` (any upstream that speaks OpenAI's API) or `offline`; "
        "unset: `gemini` with a key or Vertex AI, else `offline`.",
    )

    @property
    def has_auth(self) -> bool:
        """Whether the settings say how callers identify themselves; stored keys may, too."""
        return bool(self.server.api_keys) or self.tokens.is_configured

    @property
    def generator(self) -> GeneratorName:
        """Who answers."""
        return self.generator_choice or ("gemini" if self.gemini.has_access else "offline")

    @property
    def embedder(self) -> Literal["gemini", "local"]:
        """Who embeds."""
        return self.embedding.embedder or ("gemini" if self.gemini.has_access else "local")

    @property
    def database_url(self) -> str:
        """Where readers are remembered."""
        if self.store.database_url is not None:
            return self.store.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.sqlite_path.absolute()}"

    @property
    def sqlite_path(self) -> Path:
        """Where the database is when none is configured."""
        return self.server.data_dir / "readers.sqlite3"
