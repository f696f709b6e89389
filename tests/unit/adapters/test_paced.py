"""Texts per minute."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.paced import WINDOW_S, PacedAuthor, PacedEmbedder, TextQuota
from proxy.deadline import Deadline
from tests.support.hash_embedder import HashEmbedder
from tests.support.virtual_time import run_in_virtual_time


async def _moments(per_minute: int, takes: list[tuple[int, int]]) -> list[tuple[float, int]]:
    """Return when how many texts were let through; `takes` are (seconds before, texts)."""
    loop = asyncio.get_running_loop()
    quota = TextQuota(per_minute, clock=loop.time)
    seen: list[tuple[float, int]] = []

    async def take(texts: int) -> None:
        await quota.take(texts)
        seen.append((loop.time(), texts))

    async with asyncio.TaskGroup() as group:
        for wait_s, texts in takes:
            await asyncio.sleep(wait_s)
            group.create_task(take(texts))
    return seen


@given(
    st.integers(1, 300),
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 100)), max_size=12),
)
def test_no_minute_holds_more_than_the_quota(per_minute: int, takes: list[tuple[int, int]]) -> None:
    seen = run_in_virtual_time(_moments(per_minute, takes))
    assert [texts for _, texts in seen] == [texts for _, texts in takes]
    assert all(first <= then for (first, _), (then, _) in pairwise(seen))
    for start, _ in seen:
        window = [texts for at, texts in seen if start <= at < start + WINDOW_S]
        assert sum(window) <= per_minute or len(window) == 1


def test_what_fits_into_the_quota_waits_for_nothing() -> None:
    seen = run_in_virtual_time(_moments(300, [(0, 100)] * 3))
    assert [at for at, _ in seen] == [0, 0, 0]


def test_more_waits_exactly_until_there_is_room() -> None:
    seen = run_in_virtual_time(_moments(200, [(0, 100), (10, 100), (10, 100), (0, 100)]))
    assert [at for at, _ in seen] == [0, 10, 60, 70]


def test_waiting_does_not_count_against_the_call() -> None:
    async def second_call() -> int:
        loop = asyncio.get_running_loop()
        paced = PacedEmbedder(HashEmbedder(), TextQuota(2, clock=loop.time))
        await paced.embed(["a", "b"], role="document", deadline=Deadline.after(1))
        made = await paced.embed(["a", "b"], role="document", deadline=Deadline.after(1))
        return len(made.vectors)

    assert run_in_virtual_time(second_call()) == 2


class Author:
    """A `ContextAuthor` that tells how much time it was given."""

    async def write(self, page: str, passage: str, *, deadline: Deadline) -> str:
        """See `ContextAuthor.write`."""
        return f"{page} {passage} {deadline.remaining_s():.0f}"


def test_an_author_waits_for_the_next_minute_and_then_has_all_its_time() -> None:
    async def second_call() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        paced = PacedAuthor(Author(), TextQuota(1, clock=loop.time))
        await paced.write("a", "b", deadline=Deadline.after(7))
        said = await paced.write("a", "b", deadline=Deadline.after(7))
        return said, loop.time()

    assert run_in_virtual_time(second_call()) == ("a b 7", WINDOW_S)
