"""One upstream quota, shared among the callers of this process so that none starves the others.

A bucket fills with what the quota gives in a minute: requests, tokens, or both. Half of it is kept
for callers who used less than their share of late, so that one who asks fifty times as much as the
others finds it empty and they do not. Who finds it empty waits briefly, and those who used least
are served first. What an answer costs in tokens is known in the end only: what those of the caller
usually cost is taken before, the difference behind it.
"""

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field

from proxy.errors import RateLimited
from proxy.limits.bucket import Bucket, Drawn, learnt

_MEMORY_S = 60.0
"""Use is forgotten with this time constant."""
_FORGOTTEN = 0.01
_MAX_WAITING = 100
"""Of one caller."""
_ROUNDING = 1e-9


@dataclass(slots=True, eq=False)
class _Waiting:
    costs: list[float]
    place: "asyncio.Future[None]"


@dataclass(slots=True)
class _Use:
    """What one caller used of late of each bucket, and its requests that wait."""

    amounts: list[float]
    at_s: float
    usual_tokens: float = 0.0
    """What a request of this caller costs; 0: none has ended yet."""
    waiting: deque[_Waiting] = field(default_factory=deque[_Waiting])

    def now(self, now_s: float) -> list[float]:
        kept = math.exp((self.at_s - now_s) / _MEMORY_S)
        return [amount * kept for amount in self.amounts]

    def add(self, costs: list[float], now_s: float) -> None:
        used = zip(self.now(now_s), costs, strict=True)
        self.amounts, self.at_s = [max(0.0, amount + cost) for amount, cost in used], now_s


class FairShare:
    """Hands out a quota per minute (0: without limit); its time is the running event loop's."""

    def __init__(
        self, requests_per_minute: int, tokens_per_minute: int = 0, *, max_wait_s: float
    ) -> None:
        self._requests = Bucket("requests", requests_per_minute) if requests_per_minute else None
        self._tokens = Bucket("tokens", tokens_per_minute) if tokens_per_minute else None
        self._buckets = [one for one in (self._requests, self._tokens) if one is not None]
        self._max_wait_s = max_wait_s
        self._filled_at_s: float | None = None
        self._uses: dict[str, _Use] = {}
        self._timer: asyncio.TimerHandle | None = None

    def divide(self, processes: int) -> None:
        """Hand out this process's part of the quota from now on."""
        self._fill()
        for bucket in self._buckets:
            bucket.divide(processes)
        self._schedule()

    async def take(self, subject: str, tokens: int = 0) -> float:
        """Take one request of the quota, waiting for it if need be.

        `tokens` is what it costs at least; returned is what was taken for it, for `settle`.

        Raises:
            RateLimited: there was none in time.
        """
        now_s = self._fill()
        use = self._use(subject, now_s)
        costs = self._costs(use, tokens)
        drawn = self._drawn(now_s)
        is_next = not use.waiting and self._is_enough(use, costs, drawn, now_s)
        if is_next and not self._is_before(use, drawn, now_s):
            self._spend(use, costs, now_s)
        elif len(use.waiting) >= _MAX_WAITING:
            raise self._refused(costs)
        else:
            await self._wait(use, costs)
        return costs[-1] if self._tokens is not None else 0.0

    def settle(self, subject: str, taken: float, tokens: int) -> None:
        """Count what a request has cost, in place of what was taken for it."""
        if self._tokens is None:
            return
        now_s = self._fill()
        use = self._use(subject, now_s)
        if tokens:
            use.usual_tokens = learnt(use.usual_tokens, tokens)
            self._tokens.unit = max(1.0, learnt(self._tokens.unit, tokens))
        more = [0.0] * (len(self._buckets) - 1) + [tokens - taken]
        self._spend(use, more, now_s)
        self._schedule()

    def _use(self, subject: str, now_s: float) -> _Use:
        return self._uses.setdefault(subject, _Use([0.0] * len(self._buckets), now_s))

    def _costs(self, use: _Use, tokens: int) -> list[float]:
        costs = [] if self._requests is None else [1.0]
        if self._tokens is not None:
            costs.append(max(tokens, use.usual_tokens or self._tokens.unit))
        return costs

    async def _wait(self, use: _Use, costs: list[float]) -> None:
        waiting = _Waiting(costs, asyncio.get_running_loop().create_future())
        use.waiting.append(waiting)
        self._schedule()
        try:
            async with asyncio.timeout(self._max_wait_s):
                await waiting.place
        except TimeoutError:
            if waiting.place.cancelled():
                raise self._refused(costs) from None
        finally:
            if waiting in use.waiting:  # it may have been passed over already
                use.waiting.remove(waiting)

    def _fill(self) -> float:
        now_s = asyncio.get_running_loop().time()
        since_s = 0.0 if self._filled_at_s is None else now_s - self._filled_at_s
        for bucket in self._buckets:
            bucket.fill(since_s)
        self._filled_at_s = now_s
        return now_s

    def _spend(self, use: _Use, costs: list[float], now_s: float) -> None:
        for bucket, cost in zip(self._buckets, costs, strict=True):
            bucket.spend(cost)
        use.add(costs, now_s)

    def _drawn(self, now_s: float) -> list[Drawn]:
        """Return what all callers together have used of late."""
        amounts = [use.now(now_s) for use in self._uses.values()]
        return [
            bucket.drawn([one[at] for one in amounts]) for at, bucket in enumerate(self._buckets)
        ]

    def _lacking_s(self, use: _Use, costs: list[float], drawn: list[Drawn], now_s: float) -> float:
        """Return how long the buckets have to fill for this request."""
        asked = zip(self._buckets, costs, use.now(now_s), drawn, strict=True)
        return max(bucket.lacking_s(cost, mine, of) for bucket, cost, mine, of in asked)

    def _is_enough(self, use: _Use, costs: list[float], drawn: list[Drawn], now_s: float) -> bool:
        return self._lacking_s(use, costs, drawn, now_s) <= 0.0

    def _part(self, use: _Use, now_s: float) -> float:
        """Return what part of the quota a caller used of late, where that is most."""
        used = zip(use.now(now_s), self._buckets, strict=True)
        return max(amount / bucket.per_minute for amount, bucket in used)

    def _is_before(self, use: _Use, drawn: list[Drawn], now_s: float) -> bool:
        """Whether somebody waits who has used less and could be served."""
        mine = self._part(use, now_s)
        return any(
            one.waiting
            and self._part(one, now_s) <= mine
            and self._is_enough(one, one.waiting[0].costs, drawn, now_s)
            for one in self._uses.values()
        )

    def _schedule(self) -> None:
        """Serve again as soon as the buckets are full enough for somebody."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [use for use in self._uses.values() if use.waiting]
        if waiting:
            now_s = self._fill()
            drawn = self._drawn(now_s)
            delay_s = min(
                self._lacking_s(use, use.waiting[0].costs, drawn, now_s) for use in waiting
            )
            self._timer = asyncio.get_running_loop().call_later(max(0.0, delay_s), self._serve)

    def _serve(self) -> None:
        self._timer = None
        now_s = self._fill() + _ROUNDING
        for bucket in self._buckets:
            bucket.fill(_ROUNDING)  # what rounding took
        while True:
            drawn = self._drawn(now_s)
            ready = [
                use
                for use in self._uses.values()
                if use.waiting and self._is_enough(use, use.waiting[0].costs, drawn, now_s)
            ]
            if not ready:
                break
            use = min(ready, key=lambda one: self._part(one, now_s))
            waiting = use.waiting.popleft()
            if not waiting.place.done():
                waiting.place.set_result(None)
                self._spend(use, waiting.costs, now_s)
        self._forget(now_s)
        self._schedule()

    def _forget(self, now_s: float) -> None:
        gone = [
            subject
            for subject, use in self._uses.items()
            if not use.waiting
            and all(
                amount < _FORGOTTEN * bucket.unit
                for amount, bucket in zip(use.now(now_s), self._buckets, strict=True)
            )
        ]
        for subject in gone:
            del self._uses[subject]

    def _refused(self, costs: list[float]) -> RateLimited:
        asked = list(zip(self._buckets, costs, strict=True))
        bucket, cost = max(asked, key=lambda one: one[0].until_s(one[1]))
        retry_after_s = max(1.0, 60.0 / bucket.per_minute, bucket.until_s(cost))
        refusal = RateLimited(
            "The upstream's quota is shared among many right now; please wait a moment.",
            code="upstream_quota_shared",
            retry_after_s=retry_after_s,
        )
        refusal.headers = bucket.headers(retry_after_s)
        return refusal
