"""Requests and tokens of a minute, per caller: in Redis for all processes, or in this one.

The windows themselves are the `limits` library's. Requests are counted in a sliding window. Tokens
are counted in a fixed one, which takes what an answer has cost after the fact. A Redis that does
not answer is left alone for a moment and each process counts for itself: never an outage, and
never without limits.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from proxy.telemetry.logs import log
from proxy.telemetry.metrics import LIMITS_IN_PROCESS

Counted = Literal["requests", "tokens"]
DoneT = TypeVar("DoneT")

_LIMIT_S = 0.25
_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands with one limit."""

    counted: Counted
    limit: int
    remaining: int
    reset_s: float
    """Until there is room again."""
    is_within: bool
    is_local: bool
    """Counted in this process although several share the limit."""


class _Windows:
    def __init__(self, storage: Storage, *, is_local: bool) -> None:
        self._requests = SlidingWindowCounterRateLimiter(storage)
        self._tokens = FixedWindowRateLimiter(storage)
        self._is_local = is_local

    async def take_request(self, subject: str, limit: int) -> Standing:
        item = RateLimitItemPerMinute(limit)
        is_within = await self._requests.hit(item, "requests", subject)
        stats = await self._requests.get_window_stats(item, "requests", subject)
        return self._standing(
            "requests", limit, stats.remaining, stats.reset_time, is_within=is_within
        )

    async def take_tokens(self, subject: str, limit: int, tokens: int) -> Standing:
        item = RateLimitItemPerMinute(limit)
        stats = await self._tokens.get_window_stats(item, "tokens", subject)
        is_within = stats.remaining >= min(max(tokens, 1), limit)
        remaining = stats.remaining
        if is_within:
            await self._tokens.hit(item, "tokens", subject, cost=tokens)
            remaining = max(0, remaining - tokens)
        return self._standing("tokens", limit, remaining, stats.reset_time, is_within=is_within)

    async def add_tokens(self, subject: str, limit: int, tokens: int) -> None:
        await self._tokens.hit(RateLimitItemPerMinute(limit), "tokens", subject, cost=tokens)

    def _standing(
        self, counted: Counted, limit: int, remaining: int, reset_unix_s: float, *, is_within: bool
    ) -> Standing:
        reset_s = max(0.0 if remaining else 1.0, reset_unix_s - time.time())
        return Standing(counted, limit, remaining, reset_s, is_within, self._is_local)


class RateWindows:
    """Counts; `shared` None: in this process only. It has `limit_s` to answer."""

    def __init__(
        self,
        shared: Storage | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        limit_s: float = _LIMIT_S,
    ) -> None:
        self._shared = None if shared is None else _Windows(shared, is_local=False)
        self._storage = shared
        self._own = _Windows(MemoryStorage(), is_local=shared is not None)
        self._clock = clock
        self._limit_s = limit_s
        self._failed_at_s = -_PAUSE_S

    async def take_request(self, subject: str, limit: int) -> Standing:
        """Count one request, unless the limit is reached."""
        return await self._do(lambda windows: windows.take_request(subject, limit))

    async def take_tokens(self, subject: str, limit: int, tokens: int) -> Standing:
        """Count what a request will cost at least, unless that is more than is left."""
        return await self._do(lambda windows: windows.take_tokens(subject, limit, tokens))

    async def add_tokens(self, subject: str, limit: int, tokens: int) -> None:
        """Count what an answer has cost beyond what was counted before, limit or not."""
        await self._do(lambda windows: windows.add_tokens(subject, limit, tokens))

    @property
    def has_failed(self) -> bool:
        """Whether the shared storage did not answer a moment ago."""
        return self._clock() - self._failed_at_s < _PAUSE_S

    async def _do(self, work: "Callable[[_Windows], Awaitable[DoneT]]") -> DoneT:
        if self._shared is None:
            return await work(self._own)
        if not self.has_failed:
            try:
                async with asyncio.timeout(self._limit_s):
                    return await work(self._shared)
            except (StorageError, TimeoutError, OSError, RuntimeError) as exc:
                # RuntimeError is uvloop's word for a connection that was reset while it was idle.
                self._failed_at_s = self._clock()
                log.warning("limits_in_process", cause=type(exc).__name__)
        LIMITS_IN_PROCESS.inc()
        return await work(self._own)
