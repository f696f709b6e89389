"""Waiting across threads and event loops."""

import asyncio
import threading

import pytest

from tests.support.journal import Gate, Journal
from tests.support.waiting import LONG_ENOUGH_S


async def test_an_entry_that_is_already_there_is_found_at_once() -> None:
    journal = Journal[int]()
    for entry in (1, 2, 4):
        journal.add(entry)
    assert await journal.find(lambda n: n % 2 == 0, what="even", nth=2) == 4


async def test_an_entry_made_on_another_thread_wakes_who_waits() -> None:
    journal = Journal[str]()
    waiting = asyncio.create_task(journal.find(lambda _: True, what="word"))
    await asyncio.sleep(0)
    await asyncio.to_thread(journal.add, "hello")
    assert await waiting == "hello"


async def test_what_does_not_happen_is_reported_with_what_did() -> None:
    journal = Journal[int]()
    journal.add(17)
    with pytest.raises(AssertionError, match=r"(?s)no even number within 0\.01 s.*17"):
        await journal.find(lambda n: n % 2 == 0, what="even number", timeout_s=0.01)
    journal.add(18)  # the waiter has given up; nobody is disturbed


def test_an_entry_wakes_a_waiter_on_another_event_loop() -> None:
    journal, found = Journal[str](), list[str]()
    waits = threading.Event()

    async def wait() -> None:
        waits.set()
        found.append(await journal.find(lambda _: True, what="word"))

    thread = threading.Thread(target=lambda: asyncio.run(wait()))
    thread.start()
    assert waits.wait(LONG_ENOUGH_S)
    journal.add("hello")
    thread.join(5)
    assert found == ["hello"]


async def test_a_gate_holds_until_it_is_opened() -> None:
    gate = Gate()
    at_gate = asyncio.create_task(gate.wait())
    await gate.wait_until_reached()
    assert not at_gate.done()
    gate.open()
    await at_gate
    await gate.wait()


async def test_a_gate_nobody_comes_to_times_out() -> None:
    with pytest.raises(TimeoutError):
        await Gate().wait_until_reached(timeout_s=0.01)
