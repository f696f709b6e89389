"""The settings of OpenAI-compatible upstreams, and of the one that answers when the first fails."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from proxy.settings.fields import BaseUrl, Group, Key, ModelName

OPENAI_BASE_URL = "https://api.openai.com/v1"
GeneratorName = Literal["gemini", "openai", "offline"]


class UpstreamLimits(Group):
    """How long any upstream may take; every one has the same."""

    connect_timeout_s: float = Field(
        5.0,
        gt=0,
        alias="PROXY_UPSTREAM_CONNECT_TIMEOUT_S",
        description="Limit for a connection to the upstream.",
    )
    first_token_timeout_s: float = Field(
        60.0,
        gt=0,
        alias="PROXY_FIRST_TOKEN_TIMEOUT_S",
        description="Limit for the first event of an answer; thinking counts.",
    )
    idle_timeout_s: float = Field(
        30.0,
        gt=0,
        alias="PROXY_IDLE_TIMEOUT_S",
        description="Limit for the silence between two events of an answer.",
    )
    circuit_least_calls: int = Field(
        20,
        ge=0,
        alias="PROXY_CIRCUIT_LEAST_CALLS",
        description="Calls of a model within 10 seconds from which on it is left alone when half "
        "of them fail; 0: never.",
    )


class OpenAISettings(UpstreamLimits):
    """An upstream that speaks OpenAI's API."""

    api_key: Key | None = Field(
        None,
        alias="OPENAI_API_KEY",
        description="Its key when `GENERATOR=openai`; servers of one's own often need none.",
    )
    base_url: BaseUrl = Field(
        OPENAI_BASE_URL,
        alias="OPENAI_BASE_URL",
        description="Root of its API, most often ending in `/v1`.",
    )
    model: ModelName | None = Field(
        None, alias="OPENAI_MODEL", description="Model that answers when `GENERATOR=openai`."
    )

    @property
    def host(self) -> str:
        """Where it is, without a password."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def is_openai_itself(self) -> bool:
        """Whether it is OpenAI's own service, or Azure's, and not one that takes after it."""
        name = urlsplit(self.base_url).hostname or ""
        return name.endswith((".openai.com", ".openai.azure.com"))


class FallbackSettings(OpenAISettings):
    """Who answers when the first fails before it has begun."""

    generator: GeneratorName | None = Field(
        None,
        alias="FALLBACK_GENERATOR",
        description="`gemini`, `openai` or `offline`: answers when the first fails before its "
        "first token; unset: nobody.",
    )
    api_key: Key | None = Field(
        None,
        alias="FALLBACK_OPENAI_API_KEY",
        description="Key when `FALLBACK_GENERATOR=openai`.",
    )
    base_url: BaseUrl = Field(
        OPENAI_BASE_URL,
        alias="FALLBACK_OPENAI_BASE_URL",
        description="Root of that API.",
    )
    model: ModelName | None = Field(
        None,
        alias="FALLBACK_OPENAI_MODEL",
        description="Model that answers when `FALLBACK_GENERATOR=openai`.",
    )
