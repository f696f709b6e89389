"""One upstream quota for a class: nobody starves the others, nobody waits long for a refusal."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from proxy.errors import RateLimited
from proxy.limits.fair_share import FairShare
from tests.support.virtual_time import run_in_virtual_time

ANSWER_S = 0.5
"""A quick answer of an upstream; the slower it is, the less a wait before it counts."""
MINUTES = 5


async def _reader(
    share: FairShare, name: str, rate_per_s: float, seed: int, taken_s: list[float | None]
) -> None:
    """Ask at random times for a while; note how long each answer took, None for a refusal."""
    loop = asyncio.get_running_loop()
    clock = random.Random(seed)  # noqa: S311 - no secret
    asked: list[asyncio.Task[None]] = []

    async def ask() -> None:
        began_s = loop.time()
        try:
            await share.take(name)
        except RateLimited:
            taken_s.append(None)
            return
        await asyncio.sleep(ANSWER_S)
        taken_s.append(loop.time() - began_s)

    while loop.time() < MINUTES * 60:
        await asyncio.sleep(clock.expovariate(rate_per_s))
        asked.append(asyncio.create_task(ask()))
    await asyncio.gather(*asked)


async def _class(
    per_minute: int, rate_per_s: float, greed: float
) -> tuple[list[float | None], list[float | None]]:
    """Return how ten readers fared beside one who asks `greed` times as much, and how that one."""
    share = FairShare(per_minute, max_wait_s=2.0)
    others: list[float | None] = []
    greedy: list[float | None] = []
    readers: list[Coroutine[Any, Any, None]] = [
        _reader(share, f"reader-{n}", rate_per_s, n, others) for n in range(10)
    ]
    if greed:
        readers.append(_reader(share, "greedy", rate_per_s * greed, 99, greedy))
    await asyncio.gather(*readers)
    return others, greedy


def _p95(taken_s: Sequence[float | None]) -> float:
    """Return the 95th percentile; a refusal is worse than any time."""
    ordered = sorted(float("inf") if one is None else one for one in taken_s)
    return ordered[int(len(ordered) * 0.95)]


@pytest.mark.parametrize(
    ("per_minute", "rate_per_s"), [(600, 0.5), (300, 0.25), (120, 0.1), (60, 0.05)]
)
def test_one_at_fifty_times_the_rate_starves_nobody(per_minute: int, rate_per_s: float) -> None:
    alone, _ = run_in_virtual_time(_class(per_minute, rate_per_s, 0))
    beside, greedy = run_in_virtual_time(_class(per_minute, rate_per_s, 50))
    assert _p95(beside) <= 1.5 * _p95(alone)
    assert beside.count(None) <= alone.count(None) + len(beside) / 50
    served = sum(one is not None for one in greedy)
    left_over = MINUTES * (per_minute - 10 * rate_per_s * 60)
    assert served >= 0.8 * left_over, "what the others leave is not wasted"


def test_the_quota_is_kept() -> None:
    others, greedy = run_in_virtual_time(_class(300, 1.0, 50))
    served = sum(one is not None for one in [*others, *greedy])
    seconds = MINUTES * 60 + 3  # those who wait at the end are served, too
    assert served <= seconds * 5 + 50


def test_a_burst_may_have_half_of_ten_seconds_without_a_wait() -> None:
    async def burst() -> float:
        share = FairShare(600, max_wait_s=2.0)
        await asyncio.gather(*(share.take("one") for _ in range(50)))
        return asyncio.get_running_loop().time()

    assert run_in_virtual_time(burst()) == 0.0


def test_who_cannot_be_served_in_time_is_told_when_to_come_again() -> None:
    async def too_many() -> tuple[float, RateLimited]:
        share = FairShare(60, max_wait_s=2.0)
        for _ in range(6):
            await share.take("one")
        taken = await asyncio.gather(
            *(share.take("one") for _ in range(20)), return_exceptions=True
        )
        refused = [one for one in taken if isinstance(one, RateLimited)]
        assert len(refused) >= 17
        return asyncio.get_running_loop().time(), refused[0]

    waited_s, refusal = run_in_virtual_time(too_many())
    assert waited_s == pytest.approx(2.0)
    assert refusal.code == "upstream_quota_shared"
    assert refusal.retry_after_s == 1.0


def test_the_line_of_one_caller_has_an_end() -> None:
    async def flood() -> int:
        share = FairShare(60, max_wait_s=2.0)
        for _ in range(6):
            await share.take("one")
        waiting = [asyncio.create_task(share.take("one")) for _ in range(150)]
        await asyncio.sleep(0.001)
        refused_at_once = sum(task.done() for task in waiting)
        await asyncio.gather(*waiting, return_exceptions=True)
        return refused_at_once

    assert run_in_virtual_time(flood()) == 50


def test_who_leaves_the_line_takes_nothing() -> None:
    async def leave() -> None:
        share = FairShare(60, max_wait_s=10.0)
        for _ in range(6):
            await share.take("one")
        gone = asyncio.create_task(share.take("one"))
        await asyncio.sleep(0.1)
        gone.cancel()
        began_s = asyncio.get_running_loop().time()
        await share.take("two")
        assert asyncio.get_running_loop().time() - began_s <= 1.0

    run_in_virtual_time(leave())
