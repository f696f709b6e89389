"""`ports.Cache` in Redis, for all processes.

A Redis that does not answer is left alone for a moment: nothing is remembered meanwhile, and
nothing fails.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from proxy.telemetry.logs import log
from proxy.telemetry.metrics import CACHE_UNAVAILABLE

_PREFIX = "book-proxy:cache:"
_PAUSE_S = 5.0
DoneT = TypeVar("DoneT")


class SharedCache:
    """Forgets what is older than `ttl_s`; the rest is the server's own policy."""

    def __init__(
        self, redis: Redis, *, ttl_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._ttl_ms = max(1, int(ttl_s * 1_000))
        self._clock = clock
        self._failed_at_s = -_PAUSE_S

    async def get(self, key: str) -> bytes | None:
        """Return a value, None where there is none any more."""
        kept = await self._attempt(lambda: self._redis.get(_PREFIX + key))
        return kept if isinstance(kept, bytes) else None

    async def put(self, key: str, value: bytes) -> None:
        """Remember a value, in place of the one before."""
        await self._attempt(lambda: self._redis.set(_PREFIX + key, value, px=self._ttl_ms))

    async def _attempt(self, work: Callable[[], Awaitable[DoneT]]) -> DoneT | None:
        if self._clock() - self._failed_at_s < _PAUSE_S:
            CACHE_UNAVAILABLE.inc()
            return None
        try:
            return await work()
        except (RedisError, OSError, RuntimeError) as exc:
            # RuntimeError is uvloop's word for a connection that was reset while it was idle.
            self._failed_at_s = self._clock()
            CACHE_UNAVAILABLE.inc()
            log.warning("cache_unavailable", cause=type(exc).__name__)
            return None
