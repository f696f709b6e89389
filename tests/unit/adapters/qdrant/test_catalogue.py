"""The catalogue is read when it must be and by one caller at a time."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from proxy.adapters.qdrant.catalogue import Catalogue
from proxy.corpus import Book
from proxy.errors import RetrievalUnavailable


class Server:
    """Answers with one book, whose edition counts the answers; time stands still."""

    def __init__(self) -> None:
        self.reads = 0
        self.now_s = 100.0
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_down = False
        self.catalogue = Catalogue(self.read, ttl_s=2.0, clock=lambda: self.now_s)

    async def read(self) -> Sequence[Book]:
        """Return the book."""
        self.reads += 1
        edition = str(self.reads)
        self.was_asked.set()
        await self.may_answer.wait()
        if self.is_down:
            raise RetrievalUnavailable("down")
        return [Book("manual", "Manual", edition, None, "model", 8, 0)]

    async def edition(self) -> str:
        """Return the edition that the catalogue names."""
        return (await self.catalogue.books())[0].edition


async def test_within_its_time_to_live_it_is_read_once() -> None:
    server = Server()
    assert [await server.edition() for _ in range(3)] == ["1", "1", "1"]
    server.now_s += 1.9
    assert await server.edition() == "1"
    server.now_s += 0.2
    assert await server.edition() == "2"


async def test_many_callers_at_once_cost_one_request() -> None:
    server = Server()
    server.may_answer.clear()
    callers = [asyncio.create_task(server.edition()) for _ in range(50)]
    await server.was_asked.wait()
    server.may_answer.set()
    assert set(await asyncio.gather(*callers)) == {"1"}
    assert server.reads == 1


async def test_an_answer_is_as_old_as_its_question() -> None:
    server = Server()
    server.may_answer.clear()
    slow = asyncio.create_task(server.edition())
    await server.was_asked.wait()
    server.now_s += 5
    server.may_answer.set()
    assert await slow == "1"
    assert await server.edition() == "2"


async def test_what_is_forgotten_while_being_read_is_read_again() -> None:
    server = Server()
    server.may_answer.clear()
    slow = asyncio.create_task(server.edition())
    await server.was_asked.wait()
    server.catalogue.forget()
    server.may_answer.set()
    await slow
    assert await server.edition() == "2"


async def test_a_failure_is_remembered_for_a_moment() -> None:
    server = Server()
    server.is_down = True
    for _ in range(3):
        with pytest.raises(RetrievalUnavailable, match="down"):
            await server.edition()
        server.now_s += 0.3
    assert server.reads == 1
    server.is_down = False
    server.now_s += 0.2
    assert await server.edition() == "2"


@pytest.mark.parametrize("heal", [Catalogue.forget, Catalogue.forget_failure])
async def test_a_failure_is_forgotten_when_it_is_known_to_be_over(
    heal: Callable[[Catalogue], None],
) -> None:
    server = Server()
    server.is_down = True
    with pytest.raises(RetrievalUnavailable):
        await server.edition()
    server.is_down = False
    heal(server.catalogue)
    assert await server.edition() == "2"


async def test_good_news_forget_no_answer() -> None:
    server = Server()
    assert await server.edition() == "1"
    server.catalogue.forget_failure()
    assert await server.edition() == "1"


async def test_a_caller_that_gives_up_does_not_hold_up_the_others() -> None:
    server = Server()
    server.may_answer.clear()
    first = asyncio.create_task(server.edition())
    second = asyncio.create_task(server.edition())
    await server.was_asked.wait()
    first.cancel()
    server.may_answer.set()
    assert await second == "1"


async def test_what_everybody_gave_up_on_is_learned_all_the_same() -> None:
    server = Server()
    server.is_down = True
    server.may_answer.clear()
    impatient = asyncio.create_task(server.edition())
    await server.was_asked.wait()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    server.may_answer.set()
    for _ in range(2):
        with pytest.raises(RetrievalUnavailable):
            await server.edition()
    assert server.reads == 1


async def test_a_question_older_than_an_answer_may_be_is_not_waited_for() -> None:
    server = Server()
    server.may_answer.clear()
    slow = asyncio.create_task(server.edition())
    await server.was_asked.wait()
    server.now_s += 5
    later = asyncio.create_task(server.edition())
    await asyncio.sleep(0)
    server.may_answer.set()
    assert [await later, await slow] == ["2", "1"]
    assert await server.edition() == "2"
