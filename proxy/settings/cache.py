"""The settings of what is remembered to save the upstream the same work twice."""

from pydantic import Field

from proxy.settings.fields import Group, StringList


class CacheSettings(Group):
    """The cache: in Redis where `REDIS_URL` is set, else in each process."""

    answers_of: StringList = Field(
        (),
        alias="PROXY_CACHE_BOOKS",
        description="Comma-separated ids of books from which whole answers may be given again to "
        "the same question; unset: none.",
    )
    ttl_s: float = Field(
        86_400.0,
        gt=0,
        alias="PROXY_CACHE_TTL_S",
        description="How long answers and the vectors of questions are remembered.",
    )
    max_mb: int = Field(
        64,
        ge=1,
        le=65_536,
        alias="PROXY_CACHE_MB",
        description="Megabytes remembered in a process at most, where there is no Redis.",
    )
