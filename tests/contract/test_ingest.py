"""Two ingests of one book at the same time lose nothing, whatever the writer."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from proxy.corpus import Book, Manifest
from proxy.errors import Conflict
from proxy.ingest.pipeline import ingest
from proxy.ingest.report import IngestReport
from proxy.ports import EditionDraft, IndexWriter
from tests.support.book_stores import IDENTITY, BookStore
from tests.support.hash_embedder import HashEmbedder
from tests.support.journals import MemoryJournal


class NoProgress:
    """Implements `Progress`."""

    def stage(self, name: str, total: int) -> None:
        """See `Progress.stage`."""

    def advance(self, steps: int, /) -> None:
        """See `Progress.advance`."""

    def notice(self, text: str, /) -> None:
        """See `Progress.notice`."""


class Overtaken:
    """A writer that is `beaten` to it each time it is about to take a book's lock."""

    def __init__(
        self, writer: IndexWriter, beaten: Callable[[], Coroutine[Any, Any, object]]
    ) -> None:
        self._writer = writer
        self._beaten = beaten
        self.book = writer.book
        self.manifest = writer.manifest
        self.delete = writer.delete
        self.rollback = writer.rollback

    @asynccontextmanager
    async def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AsyncGenerator[EditionDraft]:
        """Begin an edition, too late."""
        await self._beaten()
        async with self._writer.draft(
            book_id, title=title, base_url=base_url, edition=edition
        ) as draft:
            yield draft


async def _ingest(
    writer: IndexWriter, folder: Path, texts: dict[str, str], title: str | None = None
) -> IngestReport:
    """Make the book hold what `folder` does and these texts, by document id."""
    await asyncio.to_thread(_write, folder, texts)
    return await ingest(
        [folder],
        book_id="manual",
        title=title,
        base_url=None,
        edition=None,
        writer=writer,
        embedder=HashEmbedder(IDENTITY.model, IDENTITY.dimensions),
        journal=MemoryJournal(),
        progress=NoProgress(),
    )


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)


async def _manifest(store: BookStore) -> Manifest:
    manifest = await store.writer.manifest("manual")
    assert manifest is not None
    return manifest


async def test_ingest_that_was_overtaken_plans_anew(store: BookStore, tmp_path: Path) -> None:
    await _ingest(store.writer, tmp_path / "mine", {"a.md": "alpha", "b.md": "beta"})
    beats = 0

    async def publish_without_a() -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            await _ingest(store.writer, tmp_path / "theirs", {"b.md": "beta"}, title="Theirs")

    writer = Overtaken(store.writer, publish_without_a)
    report = await _ingest(writer, tmp_path / "mine", {"c.md": "gamma"})
    assert (report.added, report.updated, report.unchanged) == (2, 0, 1)
    assert await store.texts() == {"alpha", "beta", "gamma"}
    assert set((await _manifest(store)).documents) == {"a.md", "b.md", "c.md"}
    assert isinstance(report.book, Book)
    assert (report.book.title, report.book.chunks) == ("Theirs", 3)
    again = await _ingest(store.writer, tmp_path / "mine", {})
    assert (again.unchanged, again.book) == (3, None)


async def test_ingest_whose_book_was_deleted_meanwhile_makes_it_whole(
    store: BookStore, tmp_path: Path
) -> None:
    await _ingest(store.writer, tmp_path / "mine", {"a.md": "alpha"})
    writer = Overtaken(store.writer, lambda: store.writer.delete("manual"))
    report = await _ingest(writer, tmp_path / "mine", {"c.md": "gamma"})
    assert (report.added, report.unchanged) == (2, 0)
    assert await store.texts() == {"alpha", "gamma"}


async def test_ingest_that_is_overtaken_again_and_again_says_so(
    store: BookStore, tmp_path: Path
) -> None:
    await _ingest(store.writer, tmp_path / "mine", {"a.md": "alpha"})
    beats = 0

    async def publish_another_text() -> None:
        nonlocal beats
        beats += 1
        await _ingest(store.writer, tmp_path / "theirs", {"b.md": f"beta {beats}"})

    with pytest.raises(Conflict, match="changed meanwhile; run the ingest again"):
        await _ingest(
            Overtaken(store.writer, publish_another_text), tmp_path / "mine", {"c.md": "gamma"}
        )
    assert beats == 2
    assert await store.texts() == {"beta 2"}
