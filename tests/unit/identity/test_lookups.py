"""What the database said stands for a moment; while it is away, for longer."""

import asyncio

import pytest

from proxy.errors import StoreUnavailable
from proxy.identity.lookups import FRESH_S, IMPATIENCE_S, PATIENCE_S, STALE_S, Lookup
from tests.support.virtual_time import run_in_virtual_time


class Source:
    """Says a number that grows, is away when told so."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_away = False
        self.now_s = 0.0
        self.lookup = Lookup(self.find, clock=lambda: self.now_s)

    async def find(self, wanted: str) -> str:
        """Answer."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise StoreUnavailable("away")
        return f"{wanted}-{self.asked}"


async def test_an_answer_stands_for_a_moment_and_no_longer() -> None:
    source = Source()
    assert await source.lookup("a") == "a-1"
    source.now_s = FRESH_S - 0.1
    assert await source.lookup("a") == "a-1"
    source.now_s = FRESH_S
    assert await source.lookup("a") == "a-2"


async def test_many_who_ask_at_once_are_one_question() -> None:
    source = Source()
    assert set(await asyncio.gather(*(source.lookup("a") for _ in range(20)))) == {"a-1"}


async def test_who_goes_away_takes_nobody_along() -> None:
    source = Source()
    first, second = (asyncio.create_task(source.lookup("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "a-1"


async def test_while_the_database_is_away_what_was_known_stands() -> None:
    source = Source()
    await source.lookup("a")
    source.is_away = True
    source.now_s = STALE_S - 1
    assert await source.lookup("a") == "a-1"
    source.now_s = STALE_S
    with pytest.raises(StoreUnavailable):
        await source.lookup("a")
    with pytest.raises(StoreUnavailable):
        await source.lookup("never asked")


def test_a_database_that_is_silent_is_waited_for_once() -> None:
    async def waits() -> list[float]:
        now_s = asyncio.get_running_loop().time
        is_silent = False

        async def find(wanted: str) -> str:
            if is_silent:
                await asyncio.Event().wait()
            return wanted

        lookup, seen_s = Lookup(find, clock=now_s), list[float]()
        assert await lookup("known") == "known"
        is_silent = True
        await asyncio.sleep(FRESH_S)
        for wanted in ("new", "newer", "known"):
            began_s = now_s()
            if wanted == "known":
                assert await lookup(wanted) == "known"
            else:
                with pytest.raises(StoreUnavailable):
                    await lookup(wanted)
            seen_s.append(now_s() - began_s)
        return seen_s

    waited = run_in_virtual_time(waits())
    assert waited == pytest.approx([PATIENCE_S, IMPATIENCE_S, IMPATIENCE_S])


async def test_it_remembers_within_bounds() -> None:
    source = Source()
    for n in range(10_001):
        await source.lookup(str(n))
    asked = source.asked
    await source.lookup("10000")
    assert source.asked == asked
    await source.lookup("0")
    assert source.asked == asked + 1
