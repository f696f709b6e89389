"""Embedded writers that are killed or cannot write harm neither readers nor the next one."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.corpus import Manifest
from proxy.errors import Conflict, RetrievalUnavailable
from tests.support.book_stores import (
    IDENTITY,
    BookStore,
    chunks_of,
    embedded_store,
    manifest_of,
    vectors_of,
)
from tests.support.programs import running_program

_INGEST = """
import asyncio, sys
from pathlib import Path
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from tests.support.book_stores import IDENTITY, chunks_of, vectors_of

async def main(root):
    writer = EmbeddedIndexWriter(Path(root), IDENTITY)
    async with writer.draft("manual", title="", base_url=None, edition="killed") as draft:
        await draft.carry_over(["a.md"])
        chunks = chunks_of("manual", {"new.md": "New"})
        await draft.add(chunks, vectors_of(chunks))
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[BookStore]:
    async with embedded_store(tmp_path / "index") as store:
        yield store


def files_of(store: BookStore) -> set[str]:
    """Return the paths of all that is stored but shards and locks."""
    root = Path(store.place)
    paths = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {path for path in paths if "/shard/" not in path and not path.startswith("locks/")}


async def test_a_writer_killed_in_mid_draft_harms_nobody(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "Old"})
    with running_program(_INGEST, store.place):
        with pytest.raises(Conflict):
            await store.publish("manual", {"a.md": "Meanwhile"})
        await store.index.refresh()
        assert await store.texts() == {"Old"}
    assert "killed" in await store.stored()
    await store.index.refresh()
    assert await store.texts() == {"Old"}
    await store.publish("manual", {"a.md": "Newer"})
    assert await store.texts() == {"Newer"}
    assert "killed" not in await store.stored()


async def test_who_is_cancelled_while_taking_the_book_gives_it_back(store: BookStore) -> None:
    others = set(threading.enumerate())
    lock = Path(store.place) / "locks" / "manual.lock"
    taking = asyncio.create_task(store.draft("manual").__aenter__())

    def has_begun() -> bool:
        new = set(threading.enumerate()) - others
        return any(thread.name.startswith("book-writer") for thread in new)

    while not has_begun():  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    while not lock.exists():
        pass  # without the event loop, which must not see that the lock was taken
    taking.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await taking
    assert await store.publish("manual", {"a.md": "Next"})
    del cancelled  # until here its frames kept what they hold


async def test_nothing_but_the_editions_stays_behind(store: BookStore) -> None:
    await store.publish("manual", {"a.md": "First"})
    async with store.draft("manual") as draft:
        await draft.carry_over(["a.md"])
        book = await draft.publish(
            manifest_of(chunks_of("manual", {"a.md": "First"})), language="en", lexicon=None
        )
    await store.publish("gone", {"a.md": "Gone"})
    await store.writer.delete("gone")
    names = {path.rpartition("/")[2] for path in files_of(store)}
    assert names == {"index.json", "book.json", "manifest.json", "lexicon.json"}
    assert f"books/manual/editions/{book.edition}/manifest.json" in files_of(store)
    assert not (Path(store.place) / "books" / "gone").exists()


async def test_what_a_killed_deletion_left_goes_with_the_next_draft(store: BookStore) -> None:
    trash = Path(store.place) / "books" / ".trash-1"
    (trash / "editions" / "x").mkdir(parents=True)
    await store.publish("manual", {"a.md": "x"})
    assert not trash.exists()


async def test_a_book_whose_first_draft_was_killed_is_not_there(store: BookStore) -> None:
    with running_program(_INGEST, store.place):
        pass
    assert await store.writer.manifest("manual") is None
    assert await store.writer.delete("manual") is False
    assert await store.stored() == set()


async def test_a_large_edition_is_given_its_graph_by_the_draft(tmp_path: Path) -> None:
    async with embedded_store(tmp_path) as store:
        writer = EmbeddedIndexWriter(
            tmp_path, IDENTITY, on_change=store.index.refresh, optimize_above=10
        )
        texts = {f"{n}.md": f"Text {n}" for n in range(50)}
        chunks = chunks_of("manual", texts)
        async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
            await draft.add(chunks, vectors_of(chunks))
            assert (
                await draft.publish(manifest_of(chunks), language="en", lexicon=None)
            ).chunks == 50
        assert await store.texts() == set(texts.values())
        async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
            await draft.carry_over(list(texts))
            await draft.publish(manifest_of(chunks), language="en", lexicon=None)
        assert await store.texts() == set(texts.values())


async def test_a_root_that_cannot_be_written_is_a_failure_of_retrieval(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    writer = EmbeddedIndexWriter(tmp_path / "file" / "index", IDENTITY)
    with pytest.raises(RetrievalUnavailable):
        async with writer.draft("manual", title="", base_url=None, edition=None):
            pass


async def test_a_lock_that_cannot_be_made_is_a_failure_of_retrieval(store: BookStore) -> None:
    await store.publish("other", {"a.md": "x"})
    for lock in (Path(store.place) / "locks").iterdir():
        lock.unlink()
        lock.parent.rmdir()
        lock.parent.write_text("in the way")
    with pytest.raises(RetrievalUnavailable):
        await store.publish("manual", {"a.md": "x"})


async def test_an_edition_whose_files_vanished_cannot_be_carried_over(store: BookStore) -> None:
    book = await store.publish("manual", {"a.md": "Old"})
    edition = Path(store.place) / "books" / "manual" / "editions" / book.edition
    (edition / "manifest.json").write_text("{")
    with pytest.raises(RetrievalUnavailable, match=r"manifest\.json"):
        await store.writer.manifest("manual")
    edition.rename(edition.with_name("elsewhere"))
    with pytest.raises(RetrievalUnavailable, match="copied"):
        async with store.draft("manual") as draft:
            await draft.carry_over(["a.md"])
    async with store.draft("manual") as draft:
        await draft.publish(Manifest("r1"), language="en", lexicon=None)
