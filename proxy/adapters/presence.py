"""How many processes share one Redis: each says now and then that it is there."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from proxy.telemetry.logs import log

BEAT_S = 5.0
GONE_AFTER_S = 15
"""One that was killed counts until then."""
_KEY = "book-proxy:processes"
_BEAT = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
"""
"""By the clock of Redis: those of the machines may differ."""


class Presence:
    """This process among those that share `redis`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._name = secrets.token_hex(8)
        self._has_failed = False

    @asynccontextmanager
    async def told(self, tell: Callable[[int], None]) -> AsyncGenerator[None]:
        """Tell how many there are, at once and whenever it may have changed.

        While Redis does not answer, the last number stands.
        """
        await self._beat(tell)

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT_S)
                await self._beat(tell)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._redis.zrem(_KEY, self._name)

    async def _beat(self, tell: Callable[[int], None]) -> None:
        try:
            there = await self._redis.eval(_BEAT, 1, _KEY, self._name, GONE_AFTER_S)
        except (RedisError, OSError, TimeoutError) as exc:
            if not self._has_failed:
                log.warning("processes_not_counted", cause=type(exc).__name__)
            self._has_failed = True
            return
        self._has_failed = False
        tell(int(there))
