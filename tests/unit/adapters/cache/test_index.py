"""An index that keeps what it read; `tests/contract` says that it finds what others find."""

from collections.abc import AsyncGenerator, Collection, Mapping
from pathlib import Path

import pytest

from proxy.adapters.cache.index import CachedIndex
from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.corpus import Chunk
from proxy.deadline import Deadline
from tests.support.book_stores import IDENTITY, BookStore, chunks_of, embedded_store
from tests.support.waiting import ample_time

TEXTS = {"a.md": "Alpha", "b.md": "Beta"}
A, B = (chunk.chunk_id for chunk in chunks_of("manual", TEXTS))


class CountedIndex(EmbeddedIndex):
    """An index that notes which chunks were read from it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, IDENTITY)
        self.asked: list[str] = []

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """Read, and note it."""
        self.asked += chunk_ids
        return await super().read(chunk_ids, deadline=deadline, books=books)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[BookStore]:
    """A store with nothing in it."""
    async with embedded_store(tmp_path) as store:
        yield store


@pytest.fixture
async def index(store: BookStore) -> AsyncGenerator[CountedIndex]:
    """A further reader of the store."""
    async with CountedIndex(Path(store.place)) as index:
        yield index


async def read(index: CachedIndex, *ids: str, books: Collection[str] | None = None) -> list[str]:
    """Return the texts of chunks."""
    found = await index.read(ids, deadline=ample_time(), books=books)
    return [found[chunk_id].text for chunk_id in ids if chunk_id in found]


async def test_what_was_read_once_is_not_asked_for_again(
    store: BookStore, index: CountedIndex
) -> None:
    await store.publish("manual", TEXTS)
    await index.refresh()
    cached = CachedIndex(index)
    assert await read(cached, A) == ["Alpha"]
    assert await read(cached, A, B) == ["Alpha", "Beta"]
    assert await read(cached) == []
    assert index.asked == [A, B]


async def test_a_chunk_of_an_edition_that_is_no_longer_live_is_read_anew(
    store: BookStore, index: CountedIndex
) -> None:
    await store.publish("manual", TEXTS)
    await index.refresh()
    cached = CachedIndex(index)
    assert await read(cached, A) == ["Alpha"]
    await store.publish("manual", {"a.md": "Gamma"})
    await index.refresh()
    assert await read(cached, A, B) == ["Gamma"]
    await store.writer.rollback("manual")
    await index.refresh()
    assert await read(cached, A, B) == ["Alpha", "Beta"]


async def test_a_chunk_is_given_only_to_who_asks_its_book(
    store: BookStore, index: CountedIndex
) -> None:
    await store.publish("manual", TEXTS)
    await store.publish("other", {"c.md": "Delta"})
    await index.refresh()
    cached = CachedIndex(index)
    assert await read(cached, A) == ["Alpha"]
    assert await read(cached, A, books=["other"]) == []
    assert await read(cached, A, books=["manual"]) == ["Alpha"]


async def test_what_was_not_used_for_longest_goes_when_space_is_short(
    store: BookStore, index: CountedIndex
) -> None:
    await store.publish("manual", TEXTS)
    await index.refresh()
    cached = CachedIndex(index, max_chars=len("Alpha"))
    assert [await read(cached, chunk_id) for chunk_id in (A, B, B, A)] == [
        ["Alpha"],
        ["Beta"],
        ["Beta"],
        ["Alpha"],
    ]
    assert index.asked == [A, B, A]


async def test_a_lexicon_is_kept_as_long_as_its_edition_is_live(
    store: BookStore, index: CountedIndex
) -> None:
    first = await store.publish("manual", TEXTS)
    await index.refresh()
    cached = CachedIndex(index)
    deadline = ample_time()
    lexicon = await cached.lexicon(first, deadline=deadline)
    assert lexicon is not None
    assert await cached.lexicon(first, deadline=deadline) is lexicon
    second = await store.publish("manual", {"a.md": "Gamma"})
    await index.refresh()
    assert await cached.lexicon(second, deadline=deadline) is not None
    assert await cached.lexicon(first, deadline=deadline) is None
