"""What `ports.IndexWriter` and `EditionDraft` promise, of both implementations."""

import asyncio

import numpy as np
import pytest

from proxy.corpus import Manifest
from proxy.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
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

TWO_PAGES = {"a.md": "Alpha", "b.md": "Beta"}


async def test_a_draft_is_invisible(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "Old"})
    async with store.draft("manual") as draft, store.draft("unborn") as other:
        for book_id, edition in (("manual", draft), ("unborn", other)):
            chunks = chunks_of(book_id, {"new.md": "New"})
            await edition.add(chunks, vectors_of(chunks))
            await store.index.refresh()
            assert await store.texts() == {"Old"}
            assert await store.chunk(chunks[0].chunk_id) is None
        assert [book.book_id for book in await store.index.books()] == ["manual"]


async def test_a_draft_left_without_publishing_leaves_nothing(store: BookStore) -> None:
    book = await store.publish("manual", TWO_PAGES)
    for book_id in ("manual", "unborn"):
        async with store.draft(book_id) as draft:
            chunks = chunks_of(book_id, TWO_PAGES)
            await draft.carry_over(["a.md"])
            await draft.add(chunks, vectors_of(chunks))
    assert await store.stored() == {book.edition}
    await store.index.refresh()
    assert list(await store.index.books()) == [book]


async def test_a_failure_within_a_draft_leaves_nothing_and_is_not_hidden(store: BookStore) -> None:
    async def ingest() -> None:
        async with store.draft("manual") as draft:
            chunks = chunks_of("manual", TWO_PAGES)
            await draft.add(chunks, vectors_of(chunks))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ingest()
    assert await store.stored() == set()
    assert await store.publish("manual", TWO_PAGES)


async def test_a_cancelled_draft_leaves_nothing(store: BookStore) -> None:
    began = asyncio.Event()

    async def ingest() -> None:
        async with store.draft("manual") as draft:
            chunks = chunks_of("manual", TWO_PAGES)
            await draft.add(chunks, vectors_of(chunks))
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(ingest())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.stored() == set()
    assert await store.publish("manual", TWO_PAGES)


async def test_unchanged_documents_are_carried_over_with_their_vectors(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "Alpha", "b.md": "Beta", "c.md": "Gamma"})
    async with store.draft("manual") as draft:
        await draft.carry_over(["a.md", "b.md", "never-was.md"])
        added = chunks_of("manual", {"c.md": "Gamma, revised"})
        await draft.add(added, vectors_of(added))
        kept = chunks_of("manual", TWO_PAGES)
        book = await draft.publish(manifest_of([*kept, *added]), language="en", lexicon=None)
    assert book.chunks == 3
    assert await store.texts() == {"Alpha", "Beta", "Gamma, revised"}
    (best, *_) = await store.search("Beta")
    assert best.score == pytest.approx(1.0, abs=1e-6)
    assert best.chunk == kept[1]


async def test_the_first_edition_has_nothing_to_carry_over(store: BookStore) -> None:
    async with store.draft("manual") as draft:
        await draft.carry_over(["a.md"])
        assert await draft.known_vectors(["0" * 64]) == {}
        await draft.add([], np.empty((0, IDENTITY.dimensions), dtype=np.float32))
        book = await draft.publish(Manifest("r1"), language="en", lexicon=None)
    assert (book.documents, book.chunks) == (0, 0)
    assert list(await store.search()) == []


async def test_many_documents_are_carried_over(store: BookStore) -> None:
    texts = {f"{n}.md": f"Text {n}" for n in range(700)}
    await store.publish("manual", texts)
    async with store.draft("manual") as draft:
        await draft.carry_over(list(texts))
        hashes = [chunk.text_hash for chunk in chunks_of("manual", texts)]
        assert set(await draft.known_vectors(hashes)) == set(hashes)
        book = await draft.publish(
            manifest_of(chunks_of("manual", texts)), language="en", lexicon=None
        )
    assert book.chunks == 700


async def test_vectors_of_known_texts_come_from_the_live_edition(store: BookStore) -> None:
    await store.publish("manual", TWO_PAGES)
    await store.publish("other", {"x.md": "Elsewhere"})
    alpha, _ = chunks_of("manual", TWO_PAGES)
    (elsewhere,) = chunks_of("other", {"x.md": "Elsewhere"})
    async with store.draft("manual") as draft:
        known = await draft.known_vectors([alpha.text_hash, elsewhere.text_hash, "0" * 64])
        assert set(known) == {alpha.text_hash}
        vector = known[alpha.text_hash]
        assert vector.dtype == np.float32
        np.testing.assert_allclose(vector, vector_of("Alpha"), atol=1e-6)


async def test_a_draft_names_the_texts_that_the_live_edition_holds_of_documents(
    store: BookStore,
) -> None:
    async with store.draft("manual") as draft:
        assert set(await draft.known_texts(["a.md"])) == set()
    await store.publish("manual", TWO_PAGES)
    await store.publish("other", TWO_PAGES)
    first, second = chunks_of("manual", TWO_PAGES)
    async with store.draft("manual") as draft:
        assert set(await draft.known_texts([first.document_id, "x.md"])) == {first.text_hash}
        both = await draft.known_texts([first.document_id, second.document_id])
        assert set(both) == {first.text_hash, second.text_hash}
        assert set(await draft.known_texts([])) == set()


async def test_a_draft_counts_and_finds_what_it_holds_and_what_the_live_edition_holds(
    store: BookStore,
) -> None:
    await store.publish("manual", {"a.md": "Alpha", "b.md": "Beta", "c.md": "Gamma"})
    async with store.draft("manual") as draft:
        assert await draft.count() == 0
        assert await draft.find(vector_of("Alpha"), limit=3) == []
        chunks = chunks_of("manual", {"d.md": "Delta"})
        await draft.add(chunks, vectors_of(chunks))
        await draft.carry_over(["a.md"])
        assert await draft.count() == 2
        assert list(await draft.find(vector_of("Delta"), limit=1)) == ["d.md"]
        assert set(await draft.find(vector_of("Delta"), limit=9)) == {"a.md", "d.md"}
        live = await draft.find(vector_of("Beta"), limit=9, of_live=True)
        assert live[0] == "b.md"
        assert set(live) == {"a.md", "b.md", "c.md"}
    async with store.draft("unborn") as first:
        assert list(await first.find(vector_of("Alpha"), limit=9, of_live=True)) == []


async def test_vectors_must_match_the_chunks(store: BookStore) -> None:
    async with store.draft("manual") as draft:
        chunks = chunks_of("manual", TWO_PAGES)
        with pytest.raises(ValueError, match="zip"):
            await draft.add(chunks, vectors_of(chunks)[:1])
        with pytest.raises(RetrievalUnavailable):
            await draft.add(chunks, np.ones((2, 3), dtype=np.float32))


async def test_the_previous_edition_is_kept_and_older_ones_are_removed(store: BookStore) -> None:
    editions = [(await store.publish("manual", {"a.md": f"Edition {n}"})).edition for n in range(4)]
    assert editions == sorted(set(editions))
    assert await store.stored() == set(editions[-2:])
    assert await store.texts() == {"Edition 3"}


async def test_a_rollback_makes_the_previous_edition_live_and_can_be_undone(
    store: BookStore,
) -> None:
    first = await store.publish("manual", {"a.md": "First"})
    second = await store.publish("manual", {"a.md": "Second"})
    assert await store.writer.rollback("manual") == first
    assert await store.texts() == {"First"}
    assert await store.writer.manifest("manual") is not None
    assert list(await store.index.books()) == [first]
    assert await store.writer.rollback("manual") == second
    assert await store.texts() == {"Second"}


async def test_a_book_tells_to_which_edition_a_rollback_would_go(store: BookStore) -> None:
    first = await store.publish("manual", {"a.md": "First"})
    assert first.previous_edition is None
    second = await store.publish("manual", {"a.md": "Second"})
    live = await store.writer.book("manual")
    assert live
    assert (live.edition, live.previous_edition) == (second.edition, first.edition)
    (seen,) = await store.index.books()
    assert seen.previous_edition == first.edition
    back = await store.writer.rollback("manual")
    assert (back.edition, back.previous_edition) == (first.edition, second.edition)
    (seen,) = await store.index.books()
    assert seen.previous_edition == second.edition


async def test_after_a_rollback_the_next_edition_builds_on_what_is_live(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "First"})
    second = await store.publish("manual", {"a.md": "Second"})
    await store.writer.rollback("manual")
    async with store.draft("manual") as draft:
        await draft.carry_over(["a.md"])
        await draft.publish(
            manifest_of(chunks_of("manual", {"a.md": "First"})), language="en", lexicon=None
        )
    assert await store.texts() == {"First"}
    assert second.edition not in await store.stored()


async def test_the_live_edition_is_told_at_once(store: BookStore) -> None:
    assert await store.writer.book("manual") is None
    first = await store.publish("manual", {"a.md": "First"})
    assert await store.writer.book("manual") == first
    async with store.draft("manual"), store.draft("unborn"):
        assert await store.writer.book("manual") == first
        assert await store.writer.book("unborn") is None
    second = await store.publish("manual", {"a.md": "Second"})
    assert await store.writer.book("manual") == second
    assert await store.writer.rollback("manual") == await store.writer.book("manual") == first


async def test_there_is_no_rollback_without_a_previous_edition(store: BookStore) -> None:
    with pytest.raises(NotFound):
        await store.writer.rollback("manual")
    await store.publish("other", TWO_PAGES)
    with pytest.raises(NotFound):
        await store.writer.rollback("manual")
    with pytest.raises(NotFound, match="previous"):
        await store.writer.rollback("other")


async def test_a_deleted_book_is_gone_with_all_its_editions(store: BookStore) -> None:
    kept = await store.publish("kept", {"a.md": "Kept"})
    await store.publish("manual", {"a.md": "First"})
    await store.publish("manual", {"a.md": "Second"})
    assert await store.writer.delete("manual") is True
    assert list(await store.index.books()) == [kept]
    assert await store.texts() == {"Kept"}
    assert await store.stored() == {kept.edition}
    assert await store.writer.manifest("manual") is None
    assert await store.writer.delete("manual") is False
    await store.publish("manual", {"a.md": "Third"})
    assert await store.texts() == {"Kept", "Third"}


async def test_an_edition_name_used_before_gets_the_time_behind_it(store: BookStore) -> None:
    first = await store.publish("manual", {"a.md": "First"}, edition="2nd")
    second = await store.publish("manual", {"a.md": "Second"}, edition="2nd")
    other = await store.publish("other", {"a.md": "Other"}, edition="2nd")
    assert first.edition == "2nd"
    assert second.edition.startswith("2nd-")
    assert other.edition.startswith("2nd-")
    assert len({first.edition, second.edition, other.edition}) == 3
    assert await store.texts() == {"Second", "Other"}


@pytest.mark.parametrize("book_id", ["", ".", "..", "../up", "a/b", "A", "-a", "a\\b", "a\0"])
async def test_a_book_id_that_could_lead_elsewhere_is_refused(
    store: BookStore, book_id: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        async with store.draft(book_id):
            pass
    assert caught.value.param == "book"
    writer = store.writer
    for refused in (
        writer.delete(book_id),
        writer.rollback(book_id),
        writer.book(book_id),
        writer.manifest(book_id),
    ):
        with pytest.raises(InvalidRequest):
            await refused


@pytest.mark.parametrize("edition", ["", "..", "a/b", ".hidden", "x" * 129])
async def test_an_edition_name_that_could_lead_elsewhere_is_refused(
    store: BookStore, edition: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        async with store.draft("manual", edition=edition):
            pass
    assert caught.value.param == "edition"


async def test_a_book_has_one_writer_at_a_time(store: BookStore) -> None:
    await store.publish("manual", TWO_PAGES)
    await store.publish("manual", TWO_PAGES)
    async with store.new_writer(IDENTITY) as second, store.draft("manual"):
        with pytest.raises(Conflict, match="manual"):
            async with second.draft("manual", title="", base_url=None, edition=None):
                pass
        with pytest.raises(Conflict):
            await second.delete("manual")
        with pytest.raises(Conflict):
            await second.rollback("manual")
        async with second.draft("another", title="", base_url=None, edition=None):
            pass
    assert await store.writer.delete("manual") is True


async def test_of_many_first_writers_one_gets_the_book(store: BookStore) -> None:
    refused = asyncio.Semaphore(0)

    async def write() -> bool:
        try:
            async with store.draft("manual"):
                for _ in range(5):
                    await refused.acquire()
        except Conflict:
            refused.release()
            return False
        return True

    assert sum(await asyncio.gather(*(write() for _ in range(6)))) == 1
