"""The settings of everything that knows readers: who they are, what is kept, what they may use."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from proxy.settings.fields import BaseUrl, Group, StringList

MIN_SECRET_BYTES = 32
"""RFC 7518, 3.2: an HMAC's key is no shorter than its hash."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"a secret has at least {MIN_SECRET_BYTES} bytes")
    return secret


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        ip_network(value, strict=False)
    return values


SigningSecret = Annotated[SecretStr, AfterValidator(_long_enough)]


class TokenSettings(Group):
    """JSON Web Tokens that a site gives its readers."""

    secret: SigningSecret | None = Field(
        None,
        alias="JWT_SECRET",
        description="Shared secret of tokens signed with HS256; at least 32 bytes.",
    )
    jwks_url: BaseUrl | None = Field(
        None,
        alias="JWT_JWKS_URL",
        description="Where the issuer publishes its keys (EdDSA, RS256, ES256); Better Auth: "
        "`/api/auth/jwks`.",
    )
    issuer: str | None = Field(
        None,
        alias="JWT_ISSUER",
        description="The `iss` that tokens must carry; needed with either.",
    )
    audience: str | None = Field(
        None,
        alias="JWT_AUDIENCE",
        description="The `aud` that tokens must carry; needed with either.",
    )

    @property
    def is_configured(self) -> bool:
        """Whether tokens are accepted."""
        return self.secret is not None or self.jwks_url is not None


class StoreSettings(Group):
    """What is kept, and where."""

    database_url: SecretStr | None = Field(
        None,
        alias="DATABASE_URL",
        description="`postgresql+asyncpg://…` for PostgreSQL, Neon's pooled URLs included; unset: "
        "SQLite under `PROXY_DATA_DIR`.",
    )
    anonymous_secret: SigningSecret | None = Field(
        None,
        alias="PROXY_ANONYMOUS_SECRET",
        description="Signs the ids of anonymous readers; unset: one of its own, kept under "
        "`PROXY_DATA_DIR`. Several machines need the same one.",
    )
    max_history_tokens: int = Field(
        4_000,
        ge=0,
        le=500_000,
        alias="PROXY_MAX_HISTORY_TOKENS",
        description="Tokens of earlier turns of a kept conversation in one prompt at most.",
    )
    question_log: Literal["off", "hashed", "full"] = Field(
        "off",
        alias="PROXY_QUESTION_LOG",
        description="What the log of interactions keeps of questions and answers: nothing, their "
        "SHA-256, or all.",
    )
    question_log_days: int = Field(
        30,
        ge=0,
        le=36_500,
        alias="PROXY_QUESTION_LOG_DAYS",
        description="Days after which lines of the log of interactions are removed; 0: never.",
    )
    conversation_days: int = Field(
        0,
        ge=0,
        le=36_500,
        alias="PROXY_CONVERSATION_DAYS",
        description="Days after its last use that a conversation is removed; 0: never.",
    )


class LimitSettings(Group):
    """What a caller may use, and how one upstream quota is shared."""

    requests_per_minute: int | None = Field(
        None,
        ge=0,
        alias="RATE_LIMIT_RPM",
        description="Requests per minute and caller; 0: no limit; unset: 60 with auth configured.",
    )
    tokens_per_minute: int | None = Field(
        None,
        ge=0,
        alias="RATE_LIMIT_TPM",
        description="Tokens per minute and caller; 0: no limit; unset: 200000 with auth "
        "configured.",
    )
    redis_url: SecretStr | None = Field(
        None,
        alias="REDIS_URL",
        description="Redis or Valkey in which several processes count limits and share the cache; "
        "unset: each process has its own.",
    )
    upstream_requests_per_minute: int = Field(
        0,
        ge=0,
        alias="PROXY_UPSTREAM_RPM",
        description="The upstream's quota in requests per minute, shared fairly among callers, and "
        "with `REDIS_URL` among processes; 0: not known.",
    )
    upstream_tokens_per_minute: int = Field(
        0,
        ge=0,
        alias="PROXY_UPSTREAM_TPM",
        description="The upstream's quota in tokens per minute, shared in the same way; 0: not "
        "known.",
    )
    queue_wait_s: float = Field(
        2.0,
        ge=0,
        le=60,
        alias="PROXY_QUEUE_WAIT_S",
        description="Longest wait for a share of the upstream's quota, then 429.",
    )
    trusted_proxies: Annotated[StringList, AfterValidator(_networks)] = Field(
        (),
        alias="PROXY_TRUSTED_PROXIES",
        description="Comma-separated addresses or networks of reverse proxies whose "
        "`x-forwarded-for` is believed.",
    )
