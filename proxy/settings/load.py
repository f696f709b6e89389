"""Reads the settings, once: the environment and `.env` to one frozen `Settings`."""

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, ValidationError

from proxy.errors import ConfigurationError
from proxy.settings.cache import CacheSettings
from proxy.settings.chatkit import ChatKitSettings
from proxy.settings.cluster import RaySettings
from proxy.settings.groups import (
    EmbeddingSettings,
    GeminiSettings,
    QdrantSettings,
    RagSettings,
    ServerSettings,
    Settings,
)
from proxy.settings.readers import LimitSettings, StoreSettings, TokenSettings
from proxy.settings.telemetry import TelemetrySettings
from proxy.settings.upstreams import FallbackSettings, OpenAISettings

_GROUPS: dict[str, type[BaseModel]] = {
    "gemini": GeminiSettings,
    "openai": OpenAISettings,
    "fallback": FallbackSettings,
    "embedding": EmbeddingSettings,
    "qdrant": QdrantSettings,
    "rag": RagSettings,
    "server": ServerSettings,
    "tokens": TokenSettings,
    "store": StoreSettings,
    "limits": LimitSettings,
    "chatkit": ChatKitSettings,
    "cache": CacheSettings,
    "telemetry": TelemetrySettings,
    "ray": RaySettings,
}


def variables() -> dict[str, str]:
    """Return every environment variable's name with its description."""
    fields = [f for group in (*_GROUPS.values(), Settings) for f in group.model_fields.values()]
    return {f.alias: f.description or "" for f in fields if f.alias}


def load_settings(
    environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
) -> Settings:
    """Read the settings; the environment wins over `.env`, an empty value counts as unset.

    Raises:
        ConfigurationError: a value cannot be, or a `PROXY_*` name is not known (a typo there would
            otherwise be a silent default).
    """
    process = os.environ if environ is None else environ  # noqa: TID251 - the one reader
    from_file = _read_dotenv(dotenv) if dotenv and dotenv.is_file() else {}
    given = {key: (value or "").strip() for key, value in {**from_file, **process}.items()}
    merged = {key: value for key, value in given.items() if value}
    known = variables()
    if unknown := sorted(k for k in merged if k.startswith("PROXY_") and k not in known):
        raise ConfigurationError(f"unknown setting {unknown[0]}: see .env.example for the names")
    try:
        groups: dict[str, Any] = {name: cls.model_validate(merged) for name, cls in _GROUPS.items()}
        settings = Settings.model_validate({**merged, **groups})
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
    if "PROXY_API_KEYS" in merged and not settings.server.api_keys:
        raise ConfigurationError("PROXY_API_KEYS is set and holds no key")
    _check(settings)
    if settings.rag.rerank == "local" and settings.rag.rerank_folder is None:
        raise ConfigurationError("PROXY_RERANK=local needs PROXY_RERANK_FOLDER")
    if settings.rag.rerank == "llm" and settings.generator == "offline":
        raise ConfigurationError("PROXY_RERANK=llm needs a model: the offline reader is none")
    if settings.qdrant.existing_collection and not settings.qdrant.url:
        raise ConfigurationError("QDRANT_EXISTING_COLLECTION needs QDRANT_URL")
    return settings


def _read_dotenv(path: Path) -> dict[str, str | None]:
    """Return what the file sets; a line it cannot read is no line to skip: it may hold the keys."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path} cannot be read as UTF-8 text: {exc}") from None
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise ConfigurationError(
                f"{path}, line {binding.original.line}: not of the form NAME=value"
            )
    return dotenv_values(stream=StringIO(text))


def _check(settings: Settings) -> None:
    fallback = settings.fallback.generator
    for choice, name in (
        (settings.generator, "GENERATOR"),
        (fallback, "FALLBACK_GENERATOR"),
        (settings.embedder, "EMBEDDER"),
    ):
        if choice == "gemini" and not settings.gemini.has_access:
            raise ConfigurationError(
                f"{name}=gemini needs GEMINI_API_KEY, or GOOGLE_GENAI_USE_VERTEXAI=true"
            )
    if settings.gemini.uses_vertex and not settings.gemini.vertex_project:
        raise ConfigurationError("GOOGLE_GENAI_USE_VERTEXAI=true needs GOOGLE_CLOUD_PROJECT")
    if settings.generator == "openai":
        _check_openai(settings.openai, "")
    if fallback == "openai":
        _check_openai(settings.fallback, "FALLBACK_")
    if fallback == settings.generator and fallback != "openai":
        raise ConfigurationError(
            f"FALLBACK_GENERATOR={fallback} is what answers already: it would fail likewise"
        )
    _check_tokens(settings.tokens)
    if "*" in settings.server.allowed_origins:
        raise ConfigurationError(
            "ALLOWED_ORIGINS: name the origins; '*' would let any page call with credentials"
        )


def _check_tokens(tokens: TokenSettings) -> None:
    if tokens.secret is not None and tokens.jwks_url is not None:
        raise ConfigurationError(
            "JWT_SECRET and JWT_JWKS_URL exclude each other: a token has one kind of signature"
        )
    if tokens.is_configured and not (tokens.issuer and tokens.audience):
        raise ConfigurationError(
            "JWT_ISSUER and JWT_AUDIENCE are needed: without them, tokens made for others would do"
        )


def _check_openai(upstream: OpenAISettings, prefix: str) -> None:
    if upstream.model is None:
        raise ConfigurationError(f"{prefix}GENERATOR=openai needs {prefix}OPENAI_MODEL")
    if upstream.is_openai_itself and upstream.api_key is None:
        raise ConfigurationError(
            f"{prefix}GENERATOR=openai needs {prefix}OPENAI_API_KEY, or {prefix}OPENAI_BASE_URL "
            "for another upstream than OpenAI"
        )
