"""What has the same name is done one after the other."""

import asyncio

import pytest

from proxy.dialogue.in_turn import InTurn
from tests.support.waiting import LONG_ENOUGH_S


async def test_the_second_of_a_name_waits_for_the_first_and_others_do_not() -> None:
    in_turn, order, others = InTurn(), list[str](), asyncio.Barrier(3)

    async def work(label: str, name: str | None, *waits: asyncio.Barrier) -> None:
        async with in_turn.of(name):
            order.append(f"{label} begins")
            for one in waits:
                await one.wait()
            order.append(f"{label} ends")
        if not waits and name != "a":
            await others.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work("first", "a", others))
        tasks.create_task(work("second", "a"))
        tasks.create_task(work("other", "b"))
        tasks.create_task(work("nameless", None))
    assert order == [
        "first begins",
        "other begins",
        "other ends",
        "nameless begins",
        "nameless ends",
        "first ends",
        "second begins",
        "second ends",
    ]


async def test_a_failure_lets_the_next_one_in() -> None:
    in_turn = InTurn()
    with pytest.raises(StopIteration):
        async with in_turn.of("a"):
            next(iter(()))
    async with asyncio.timeout(LONG_ENOUGH_S), in_turn.of("a"):
        return
