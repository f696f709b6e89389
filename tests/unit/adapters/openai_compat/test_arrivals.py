"""What came together is taken together, in order, and never read far ahead."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.openai_compat.arrivals import Arrivals


async def test_what_needs_no_waiting_is_one_batch() -> None:
    gate = asyncio.Event()

    async def chunks() -> AsyncGenerator[object]:
        for chunk in "abc":
            yield chunk
        await gate.wait()
        yield "d"

    arrivals = Arrivals(chunks())
    assert await arrivals.next() == ["a", "b", "c"]
    gate.set()
    assert await arrivals.next() == ["d"]
    assert await arrivals.next() is None
    await arrivals.close()


async def test_a_reader_that_does_not_take_is_not_read_ahead_of_for_long() -> None:
    produced = 0

    async def chunks() -> AsyncGenerator[object]:
        nonlocal produced
        for produced in range(1, 1_001):
            yield produced

    arrivals = Arrivals(chunks())
    taken: list[object] = []
    while (batch := await arrivals.next()) is not None:
        taken += batch
        assert produced - len(taken) <= 64
    assert taken == list(range(1, 1_001))


async def test_a_failure_comes_after_what_came_before_it() -> None:
    async def chunks() -> AsyncGenerator[object]:
        yield "a"
        raise OSError("gone")

    arrivals = Arrivals(chunks())
    assert await arrivals.next() == ["a"]
    with pytest.raises(OSError, match="gone"):
        await arrivals.next()
    await arrivals.close()


async def test_closing_ends_the_reading() -> None:
    is_closed = False

    async def chunks() -> AsyncGenerator[object]:
        nonlocal is_closed
        try:
            yield "a"
            await asyncio.Event().wait()
        finally:
            is_closed = True

    arrivals = Arrivals(chunks())
    assert await arrivals.next() == ["a"]
    await arrivals.close()
    assert is_closed
