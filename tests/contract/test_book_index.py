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
from proxy.ingest.terms import index_terms
from proxy.lexical.bm25 import term_id
from proxy.queries import IndexQuery, Where
from tests.support.book_stores import (
    IDENTITY,
    BookStore,
    chunks_of,
    manifest_of,
    nearest,
    vector_of,
    vectors_of,
)
from tests.support.builders import make_chunk
from tests.support.waiting import ample_time

TWO_PAGES = {"a.md": "Alpha", "b.md": "Beta"}


async def test_an_index_that_was_never_written_is_empty_and_works(store: BookStore) -> None:
    await store.index.check()
    assert list(await store.index.books()) == []
    assert list(await store.search()) == []
    assert await store.chunk("nothing") is None
    assert await store.writer.manifest("manual") is None
    assert await store.writer.delete("manual") is False


async def test_what_was_published_is_found_as_it_was_stored(store: BookStore) -> None:
    chunk = make_chunk("Ownership `fn main() {}` — ünï", position=3)
    async with store.draft("manual") as draft:
        await draft.add([chunk], vectors_of([chunk]))
        await draft.publish(manifest_of([chunk]), language="en", lexicon=None)
    (passage,) = await store.search(chunk.text)
    assert passage.chunk == chunk
    assert passage.score == pytest.approx(1.0, abs=1e-6)
    assert passage.score <= 1.0
    assert await store.chunk(chunk.chunk_id) == chunk
    assert await store.chunk("another") is None
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
        book = await draft.publish(manifest_of(chunks), language="en", lexicon=None)
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
            passages = await nearest(
                other, vector_of("x"), books=None, limit=9, deadline=ample_time()
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
        await nearest(store.index, vector_of("x"), books=None, limit=3, deadline=Deadline.after(-1))
    assert await store.texts() == {"Alpha", "Beta"}


async def test_words_are_found_in_all_books_together_best_first(store: BookStore) -> None:
    await store.publish("one", {"a.md": "Borrowing rules", "b.md": "Traits and more traits"})
    await store.publish("two", {"c.md": "A trait bound", "d.md": "Nothing of it"})
    found = await store.search_words("traits?")
    assert [p.chunk.text for p in found] == ["Traits and more traits", "A trait bound"]
    assert found[0].score > found[1].score > 0
    assert list(await store.search_words("lifetimes")) == []
    within = await store.search_words("traits", Where(books=("two",)))
    assert [p.chunk.document_id for p in within] == ["c.md"]


async def test_words_weigh_as_the_edition_has_counted_them(store: BookStore) -> None:
    await store.publish("manual", {f"{n}.md": f"Text number {n}" for n in range(9)})
    (book,) = await store.index.books()
    assert book.language == "en"
    lexicon = await store.index.lexicon(book, deadline=ample_time())
    assert lexicon is not None
    assert lexicon.chunks == 9
    assert lexicon.frequency(term_id("number")) == 9
    assert lexicon.frequency(term_id("4")) == 1


async def test_an_edition_without_words_is_found_by_meaning(store: BookStore) -> None:
    chunks = chunks_of("manual", TWO_PAGES)
    async with store.draft("manual") as draft:
        await draft.add(chunks, vectors_of(chunks))
        book = await draft.publish(manifest_of(chunks), language="en", lexicon=None)
    assert await store.index.lexicon(book, deadline=ample_time()) is None
    by_words = IndexQuery({term_id("alpha"): 1.0}, Where(), 9)
    by_meaning = IndexQuery(vector_of("Alpha"), Where(), 9)
    words, meaning = await store.index.find([by_words, by_meaning], deadline=ample_time())
    assert (list(words), len(meaning)) == ([], 2)


async def test_each_query_of_a_trip_has_its_own_place(store: BookStore) -> None:
    chunks = [
        make_chunk("One", document_id="guides/a.md", anchor="x"),
        make_chunk("Two", document_id="guides/a.md", anchor="y"),
        make_chunk("Three", document_id="guides/b.md", anchor="x"),
        make_chunk("Four", document_id="c.md", anchor=""),
    ]
    async with store.draft("manual") as draft:
        await draft.add(chunks, vectors_of(chunks))
        lexicon = await index_terms(draft, "en")
        await draft.publish(manifest_of(chunks), language="en", lexicon=lexicon)
    places = {
        Where(): {"One", "Two", "Three", "Four"},
        Where(document_ids=("guides/a.md",)): {"One", "Two"},
        Where(document_ids=("guides/a.md",), anchors=("x",)): {"One"},
        Where(folders=("guides",)): {"One", "Two", "Three"},
        Where(folders=("",)): {"Four"},
        Where(routes=("/guides/b", "/c")): {"Three", "Four"},
        Where(document_ids=()): set[str](),
        Where(books=("other",)): set[str](),
    }
    texts = {chunk.chunk_id: chunk.text for chunk in chunks}
    for by in (vector_of("One"), {term_id("ownership"): 1.0, term_id("rule"): 1.0}):
        queries = [IndexQuery(by, where, 9) for where in places]
        found = await store.index.find(queries, deadline=ample_time())
        assert [{texts[h.chunk_id] for h in hits} for hits in found] == list(places.values())


async def test_chunks_are_read_by_their_ids_from_the_books_that_matter(store: BookStore) -> None:
    for book_id in ("one", "two"):
        await store.publish(book_id, TWO_PAGES)
    first, second = (chunks_of(book_id, TWO_PAGES)[0] for book_id in ("one", "two"))
    ids = [first.chunk_id, second.chunk_id, "no-such-chunk"]
    everything = await store.index.read(ids, deadline=ample_time())
    assert everything == {first.chunk_id: first, second.chunk_id: second}
    some = await store.index.read(ids, deadline=ample_time(), books=["two"])
    assert set(some) == {second.chunk_id}
    assert await store.index.read([], deadline=ample_time()) == {}


async def test_a_draft_shows_its_maker_all_its_chunks(store: BookStore) -> None:
    texts = {f"{n}.md": f"Text {n}" for n in range(300)}
    await store.publish("manual", texts)
    async with store.draft("manual") as draft:
        await draft.carry_over([name for name in texts if name != "7.md"])
        added = chunks_of("manual", {"7.md": "Revised"})
        await draft.add(added, vectors_of(added))
        seen = [chunk.text for page in [p async for p in draft.chunks()] for chunk in page]
    assert sorted(seen) == sorted([t for t in texts.values() if t != "Text 7"] + ["Revised"])
