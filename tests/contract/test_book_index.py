"""What `ports.BookIndex` promises, of both implementations."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.deadline import Deadline
from proxy.errors import (
    ConfigurationError,
    RetrievalUnavailable,
)
from tests.support.book_stores import (
    IDENTITY,
    BookStore,
    chunks_of,
    manifest_of,
    vector_of,
    vectors_of,
)
from tests.support.builders import make_chunk

TWO_PAGES = {"a.md": "Alpha", "b.md": "Beta"}


async def test_an_index_that_was_never_written_is_empty_and_works(store: BookStore) -> None:
    await store.index.check()
    assert list(await store.index.books()) == []
    assert list(await store.search()) == []
    assert await store.index.chunk("nothing") is None
    assert await store.writer.manifest("manual") is None
    assert await store.writer.delete("manual") is False


async def test_what_was_published_is_found_as_it_was_stored(store: BookStore) -> None:
    chunk = make_chunk("Ownership `fn main() {}` — ünï", position=3)
    async with store.draft("manual") as draft:
        await draft.add([chunk], vectors_of([chunk]))
        await draft.publish(manifest_of([chunk]))
    (passage,) = await store.search(chunk.text)
    assert passage.chunk == chunk
    assert passage.score == pytest.approx(1.0, abs=1e-6)
    assert passage.score <= 1.0
    assert await store.index.chunk(chunk.chunk_id) == chunk
    assert await store.index.chunk("another") is None
    await store.index.check()


async def test_the_score_is_the_cosine_of_the_angle(store: BookStore) -> None:
    await store.publish("manual", TWO_PAGES)
    for passage in await store.search("a question"):
        cosine = float(vector_of(passage.chunk.text) @ vector_of("a question"))
        assert passage.score == pytest.approx(cosine, abs=1e-5)


async def test_a_published_book_says_what_it_is(store: BookStore) -> None:
    async with store.writer.draft(
        "manual", title="The Manual", base_url="https://book.example", edition="2nd"
    ) as draft:
        chunks = chunks_of("manual", TWO_PAGES)
        await draft.add(chunks, vectors_of(chunks))
        book = await draft.publish(manifest_of(chunks))
    assert (book.book_id, book.title, book.edition) == ("manual", "The Manual", "2nd")
    assert book.base_url == "https://book.example"
    assert (book.documents, book.chunks) == (2, 2)
    assert (book.embedding_model, book.dimensions) == (IDENTITY.model, IDENTITY.dimensions)
    assert list(await store.index.books()) == [book]
    assert await store.writer.manifest("manual") == manifest_of(chunks)


async def test_books_are_listed_by_id(store: BookStore) -> None:
    for book_id in ("zebra", "ant", "mole"):
        await store.publish(book_id, TWO_PAGES)
    assert [book.book_id for book in await store.index.books()] == ["ant", "mole", "zebra"]


async def test_only_the_wanted_books_are_searched(store: BookStore) -> None:
    # The same edition name, texts and vectors: only the book tells them apart.
    await store.publish("one", TWO_PAGES, edition="first")
    await store.publish("two", TWO_PAGES, edition="first")
    for wanted, expected in [
        (["one"], {"one"}),
        (["two"], {"two"}),
        (["one", "two"], {"one", "two"}),
        (None, {"one", "two"}),
        (["unknown"], set[str]()),
        (["unknown", "two"], {"two"}),
        ([], set[str]()),
    ]:
        found = await store.search("Alpha", books=wanted)
        assert {passage.chunk.book for passage in found} == expected


async def test_best_come_first_and_no_more_than_asked_for(store: BookStore) -> None:
    await store.publish("one", {f"{n}.md": f"Text {n}" for n in range(30)})
    await store.publish("two", {f"{n}.md": f"Other {n}" for n in range(30)})
    everything = await store.search("Text 7", limit=100)
    assert len(everything) == 60
    assert everything[0].chunk.text == "Text 7"
    order = [(-passage.score, passage.chunk.chunk_id) for passage in everything]
    assert order == sorted(order)
    assert list(await store.search("Text 7", limit=5)) == list(everything[:5])
    assert list(await store.search("Text 7", limit=0)) == []


async def test_ties_are_broken_by_chunk_id_where_they_straddle_the_limit(store: BookStore) -> None:
    await store.publish("one", {f"{n}.md": "The same everywhere" for n in range(40)})
    ids = sorted(chunk.chunk_id for chunk in chunks_of("one", {f"{n}.md": "" for n in range(40)}))
    found = await store.search("The same everywhere", limit=5)
    assert [passage.chunk.chunk_id for passage in found] == ids[:5]


async def test_searches_during_a_publication_see_one_edition_whole(store: BookStore) -> None:
    size = 40
    done = asyncio.Event()

    def edition(n: int) -> Mapping[str, str]:
        return {f"{page}.md": f"Edition {n}" for page in range(size)}

    async def read() -> set[str]:
        seen: set[str] = set()
        while not done.is_set():
            found = [passage.chunk.text for passage in await store.search(limit=2 * size)]
            assert len(found) == size
            assert len(set(found)) == 1
            seen.update(found)
        return seen

    await store.publish("manual", edition(0))
    readers = [asyncio.create_task(read()) for _ in range(4)]
    for n in range(1, 5):
        await store.publish("manual", edition(n))
    await store.writer.rollback("manual")
    done.set()
    seen = set[str]().union(*await asyncio.gather(*readers))
    assert "Edition 0" in seen
    assert await store.texts() == {"Edition 3"}


async def test_another_reader_sees_a_change_when_told_to_look(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "First"})
    async with store.new_reader(IDENTITY) as other:
        await other.open()

        async def found() -> list[str]:
            passages = await other.search(
                vector_of("x"), books=None, limit=9, deadline=Deadline.after(5)
            )
            return [passage.chunk.text for passage in passages]

        assert await found() == ["First"]
        for text in ("Second", "Third", "Fourth"):
            await store.publish("manual", {"a.md": text})
        await other.refresh()
        assert await found() == ["Fourth"]
        await store.writer.delete("manual")
        await other.refresh()
        assert await found() == []


@pytest.mark.parametrize(
    "other", [replace(IDENTITY, dimensions=16), replace(IDENTITY, model="another")]
)
async def test_an_index_made_for_another_model_or_size_stops_the_start(
    store: BookStore, other: IndexIdentity
) -> None:
    await store.publish("manual", TWO_PAGES)
    async with store.new_reader(other) as reader, store.new_writer(other) as writer:
        with pytest.raises(ConfigurationError) as caught:
            await reader.open()
        assert "\n" not in str(caught.value)
        with pytest.raises(RetrievalUnavailable, match="QDRANT_COLLECTION"):
            await reader.check()
        with pytest.raises(ConfigurationError):
            async with writer.draft("manual", title="", base_url=None, edition=None):
                pass


async def test_a_search_ends_at_its_deadline(store: BookStore) -> None:
    await store.publish("manual", TWO_PAGES)
    with pytest.raises(RetrievalUnavailable):
        await store.index.search(vector_of("x"), books=None, limit=3, deadline=Deadline.after(-1))
    assert await store.texts() == {"Alpha", "Beta"}
