"""The embedded index never holds up the event loop and copes with what other processes do."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable
from pathlib import Path

import numpy as np
import pytest

from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.errors import RetrievalUnavailable
from proxy.queries import FloatVector
from tests.support.book_stores import (
    IDENTITY,
    BookStore,
    chunks_of,
    embedded_store,
    manifest_of,
    nearest,
    vector_of,
)
from tests.support.programs import running_program
from tests.support.waiting import LONG_ENOUGH_S, ample_time

_PUBLISH = """
import asyncio, sys
from pathlib import Path
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from tests.support.book_stores import IDENTITY, chunks_of, manifest_of, vectors_of, nearest

async def main(root):
    for n in range(3):
        writer = EmbeddedIndexWriter(Path(root), IDENTITY)
        async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
            await draft.carry_over(["old.md"])
            chunks = chunks_of("manual", {"new.md": f"Edition {n} of another process"})
            await draft.add(chunks, vectors_of(chunks))
            await draft.publish(manifest_of(chunks), language="en", lexicon=None)

asyncio.run(main(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[BookStore]:
    async with embedded_store(tmp_path / "index") as store:
        yield store


async def turns_during(work: Awaitable[object]) -> int:
    """Return how often the event loop had time for somebody else while `work` went on."""
    task = asyncio.ensure_future(work)
    turns = 0
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    await task
    return turns


async def test_ten_thousand_chunks_are_searched_without_holding_up_the_loop(
    tmp_path: Path,
) -> None:
    identity = IndexIdentity("large", 384)
    count = 10_000
    vectors = np.random.default_rng(1).normal(size=(count, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chunks = chunks_of("large", {f"{n}.md": f"Text {n}" for n in range(count)})
    async with EmbeddedIndex(tmp_path, identity, limit_s=LONG_ENOUGH_S) as index:
        writer = EmbeddedIndexWriter(tmp_path, identity, on_change=index.refresh)

        async def search(vector: FloatVector) -> None:
            found = await nearest(index, vector, books=["large"], limit=8)
            assert found[0].score == pytest.approx(1.0, abs=1e-5)

        async with writer.draft("large", title="", base_url=None, edition=None) as draft:
            await draft.add(chunks, vectors)
            await draft.publish(manifest_of(chunks), language="en", lexicon=None)
        # One turn for each search is the least; where the machine gives the loop no time in a
        # moment, another will do.
        turns: list[int] = []
        while len(turns) < 20 and max(turns, default=0) < 400:
            turns.append(await turns_during(asyncio.gather(*map(search, vectors[:40]))))
    assert max(turns) >= 400, turns


async def test_a_reader_goes_on_while_another_process_publishes(store: BookStore) -> None:
    await store.publish("manual", {"old.md": "Old"})
    assert await store.texts() == {"Old"}
    searches = 0
    published = asyncio.Event()

    async def read() -> int:
        searches = 0
        while not published.is_set():
            assert await store.texts() == {"Old"}
            searches += 1
        return searches

    reading = asyncio.create_task(read())
    with await asyncio.to_thread(running_program(_PUBLISH, store.place).__enter__):
        pass
    published.set()
    assert await reading > searches
    # The edition that is open here is deleted by now; it is served until the owner is told.
    assert await store.texts() == {"Old"}
    await store.index.refresh()
    assert await store.texts() == {"Old", "Edition 2 of another process"}


async def test_a_reader_that_missed_two_publications_finds_the_live_edition(
    store: BookStore,
) -> None:
    async with store.new_reader(IDENTITY) as late:
        await store.publish("manual", {"a.md": "Edition 0"})
        await late.refresh()
        for n in (1, 2):
            await store.publish("manual", {"a.md": f"Edition {n}"})
        (passage,) = await nearest(late, vector_of("x"), books=None, limit=5, deadline=ample_time())
        assert passage.chunk.text == "Edition 2"
    async with store.new_reader(IDENTITY) as late:
        await late.refresh()
        for n in (3, 4):
            await store.publish("manual", {"a.md": f"Edition {n}"})
        chunk_id = passage.chunk.chunk_id
        found = await late.read([chunk_id], deadline=ample_time())
        assert found[chunk_id].text == "Edition 4"


async def test_many_books_are_searched_together(store: BookStore) -> None:
    for n in range(6):
        await store.publish(f"book-{n}", {"a.md": f"Text {n}"})
    assert len(await store.texts()) == 6
    (best, *_) = await store.search("Text 4", limit=3)
    assert best.chunk.book == "book-4"


async def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, IDENTITY)
    await index.open()
    await index.close()
    with pytest.raises(RetrievalUnavailable, match="closed"):
        await index.check()


async def test_a_search_waits_for_its_turn_no_longer_than_the_limit(store: BookStore) -> None:
    book = await store.publish("manual", {"a.md": "Alpha"})
    catalogue = Path(store.place) / "books" / book.book_id / "book.json"
    contents = catalogue.read_bytes()
    async with EmbeddedIndex(Path(store.place), IDENTITY, limit_s=0.05) as index:
        catalogue.unlink()
        os.mkfifo(catalogue)  # who reads it waits for a writer
        refreshing = asyncio.create_task(index.refresh())
        await asyncio.sleep(0)
        with pytest.raises(RetrievalUnavailable, match=r"within 0\.05 seconds"):
            await nearest(index, vector_of("x"), books=None, limit=1, deadline=ample_time())
        await asyncio.to_thread(catalogue.write_bytes, contents)
        await refreshing


async def test_a_damaged_book_stops_no_start(store: BookStore) -> None:
    book = await store.publish("damaged", {"a.md": "Damaged"})
    shard = Path(store.place) / "books" / "damaged" / "editions" / book.edition / "shard"
    for segment in (shard / "segments").iterdir():
        (segment / "segment.json").write_text("{")
    async with store.new_reader(IDENTITY) as index:
        await index.open()
        assert list(await index.books()) == [book]


async def test_a_damaged_shard_is_a_failure_of_retrieval_and_of_no_other_book(
    store: BookStore,
) -> None:
    await store.publish("sound", {"a.md": "Sound"})
    book = await store.publish("damaged", {"a.md": "Damaged"})
    shard = Path(store.place) / "books" / "damaged" / "editions" / book.edition / "shard"
    for segment in (shard / "segments").iterdir():
        (segment / "segment.json").write_text("{")
    for call in (store.index.check(), store.texts()):
        with pytest.raises(RetrievalUnavailable):
            await call
    assert await store.texts(books=["sound"]) == {"Sound"}
