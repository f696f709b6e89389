"""Connections to Redis or Valkey, for whoever counts or remembers there.

Importing redis takes 0.2 s; this file is for those who have one.
"""

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from proxy.errors import ConfigurationError

_TIMEOUT_S = 0.2
_SCHEMES = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://")


def redis_url(url: str) -> str:
    """Return the URL as the libraries spell it.

    Raises:
        ConfigurationError: it is not the URL of a Redis or Valkey.
    """
    if not url.startswith(_SCHEMES):
        raise ConfigurationError("REDIS_URL: begins with redis://, rediss:// or unix://")
    return url.replace("valkey", "redis", 1) if url.startswith("valkey") else url


def redis_pool(url: str) -> ConnectionPool:
    """Return connections, to be closed in the end.

    Raises:
        ConfigurationError: it is not the URL of a Redis or Valkey.
    """
    # A Redis that stalls would otherwise hold every request for a minute (redis-py's defaults).
    return ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - its **kwargs
        redis_url(url),
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
