"""One upstream quota, shared among the callers of this process so that none starves the others.

A bucket fills with the quota's requests per minute. Half of it is kept for callers who used less
than their share of late, so that one who asks fifty times as much as the others finds it empty and
they do not. Who finds it empty waits briefly, and those who used least are served first.
"""

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field

from proxy.errors import RateLimited

_MEMORY_S = 60.0
"""Use is forgotten with this time constant."""
_BURST_S = 10.0
"""What the bucket holds, in seconds of the quota."""
_FORGOTTEN = 0.01
_ACTIVE = 0.3
_FAR_MORE = 2.0
_MAX_WAITING = 100
"""Of one caller."""


@dataclass(slots=True)
class _Use:
    """What one caller used of late, and who waits for it."""

    amount: float = 0.0
    at_s: float = 0.0
    waiting: deque["asyncio.Future[None]"] = field(default_factory=deque["asyncio.Future[None]"])

    def now(self, now_s: float) -> float:
        return self.amount * math.exp((self.at_s - now_s) / _MEMORY_S)

    def add(self, now_s: float) -> None:
        self.amount, self.at_s = self.now(now_s) + 1.0, now_s


class FairShare:
    """Hands out `per_minute` requests; its time is the running event loop's."""

    def __init__(self, per_minute: int, *, max_wait_s: float) -> None:
        self._per_minute = per_minute
        self._rate_per_s = per_minute / 60.0
        self._capacity = max(1.0, self._rate_per_s * _BURST_S)
        self._reserve = self._capacity / 2.0 if self._capacity >= 2.0 else 0.0
        self._max_wait_s = max_wait_s
        self._level = self._capacity
        self._filled_at_s: float | None = None
        self._uses: dict[str, _Use] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, subject: str) -> None:
        """Take one request of the quota, waiting for it if need be.

        Raises:
            RateLimited: there was none in time.
        """
        now_s = self._fill()
        use = self._uses.setdefault(subject, _Use(at_s=now_s))
        if not use.waiting and self._is_enough(use, now_s) and not self._is_before(use, now_s):
            self._spend(use, now_s)
            return
        if len(use.waiting) >= _MAX_WAITING:
            raise self._refused()
        await self._wait(use)

    async def _wait(self, use: _Use) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        use.waiting.append(place)
        self._schedule()
        try:
            async with asyncio.timeout(self._max_wait_s):
                await place
        except TimeoutError:
            raise self._refused() from None
        finally:
            if not place.done() or place.cancelled():
                use.waiting.remove(place)

    def _fill(self) -> float:
        now_s = asyncio.get_running_loop().time()
        since_s = 0.0 if self._filled_at_s is None else now_s - self._filled_at_s
        self._level = min(self._capacity, self._level + since_s * self._rate_per_s)
        self._filled_at_s = now_s
        return now_s

    def _spend(self, use: _Use, now_s: float) -> None:
        self._level -= 1.0
        use.add(now_s)

    def _needed(self, use: _Use, now_s: float) -> float:
        """Return how full the bucket must be for this caller."""
        return self._reserve + 1.0 if self._is_heavy(use.now(now_s), now_s) else 1.0

    def _is_heavy(self, mine: float, now_s: float) -> bool:
        """Whether this much is more than one's share, or far more than the others' at its start."""
        uses = [one.now(now_s) for one in self._uses.values()]
        active = sum(amount > _ACTIVE for amount in uses)
        newcomer = 1  # whoever comes next finds a share, too
        if mine > self._per_minute / (active + newcomer):
            return True
        others = (sum(uses) - mine) / max(active - 1, 1)
        return mine > max(self._reserve, _FAR_MORE * others)

    def _is_enough(self, use: _Use, now_s: float) -> bool:
        return self._level >= self._needed(use, now_s)

    def _is_before(self, use: _Use, now_s: float) -> bool:
        """Whether somebody waits who has used less and could be served."""
        mine = use.now(now_s)
        return any(
            one.waiting and one.now(now_s) <= mine and self._is_enough(one, now_s)
            for one in self._uses.values()
        )

    def _schedule(self) -> None:
        """Serve again as soon as the bucket is full enough for somebody."""
        now_s = self._fill()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [use for use in self._uses.values() if use.waiting]
        if waiting:
            lacking = min(self._needed(use, now_s) for use in waiting) - self._level
            delay_s = max(0.0, lacking / self._rate_per_s)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._serve)

    def _serve(self) -> None:
        self._timer = None
        now_s = self._fill() + 1e-9
        self._level += 1e-9  # what rounding took
        while True:
            ready = [u for u in self._uses.values() if u.waiting and self._is_enough(u, now_s)]
            if not ready:
                break
            use = min(ready, key=lambda one: one.now(now_s))
            place = use.waiting.popleft()
            if not place.done():
                place.set_result(None)
                self._spend(use, now_s)
        self._forget(now_s)
        self._schedule()

    def _forget(self, now_s: float) -> None:
        gone = [s for s, u in self._uses.items() if not u.waiting and u.now(now_s) < _FORGOTTEN]
        for subject in gone:
            del self._uses[subject]

    def _refused(self) -> RateLimited:
        return RateLimited(
            "The upstream's quota is shared among many right now; please wait a moment.",
            code="upstream_quota_shared",
            retry_after_s=max(1.0, 60.0 / self._per_minute),
        )
