"""`ports.IndexWriter` in this process: every edition in a folder of its own.

A draft is a folder that `book.json` does not name; publishing replaces that file. Whatever is
killed in between, the next draft of the book removes. A writer need not own the index: readers, in
this process or another, look at `book.json` again when they are told to.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import filelock

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.changes import OnChange, nobody_to_tell
from proxy.adapters.qdrant.edition_files import OPTIMIZE_ABOVE, EditionFiles
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.naming import edition_name
from proxy.corpus import Book, Chunk, Manifest, check_book_id, check_edition
from proxy.errors import Conflict, NotFound, RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector

P = ParamSpec("P")
T = TypeVar("T")


class EmbeddedIndexWriter:
    """Changes the books below `root`.

    `on_change` is awaited after every change that readers should see. `optimize_above` None never
    builds a graph of neighbours: that holds the interpreter lock for seconds, which a process that
    serves cannot afford.
    """

    def __init__(
        self,
        root: Path,
        identity: IndexIdentity,
        *,
        on_change: OnChange = nobody_to_tell,
        optimize_above: int | None = OPTIMIZE_ABOVE,
    ) -> None:
        self._layout = Layout(root)
        self._identity = identity
        self._on_change = on_change
        self._optimize_above = optimize_above

    async def book(self, book_id: str) -> Book | None:
        """See `ports.IndexWriter.book`."""
        return (await asyncio.to_thread(self._layout.editions, book_id)).live

    async def manifest(self, book_id: str) -> Manifest | None:
        """See `ports.IndexWriter.manifest`."""
        return await asyncio.to_thread(self._manifest, book_id)

    @contextlib.asynccontextmanager
    async def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AsyncGenerator["EmbeddedDraft"]:
        """See `ports.IndexWriter.draft`."""
        check_book_id(book_id)
        if edition is not None:
            check_edition(edition)
        await asyncio.to_thread(self._layout.create, self._identity)
        book = Book(
            book_id=book_id,
            title=title,
            edition="",
            base_url=base_url,
            embedding_model=self._identity.model,
            dimensions=self._identity.dimensions,
            created_unix_s=int(time.time()),
        )
        async with _BookThread(self._layout.lock(book_id), book_id) as thread:
            files = await thread.run(self._begin, book, edition)
            try:
                yield EmbeddedDraft(files, thread, self._on_change)
            finally:
                # What cannot be removed now, the next draft of the book removes.
                with contextlib.suppress(RetrievalUnavailable):
                    await asyncio.shield(thread.run(files.finish))

    async def delete(self, book_id: str) -> bool:
        """See `ports.IndexWriter.delete`."""
        folder = self._layout.book(book_id)
        if not await asyncio.to_thread(folder.exists):
            return False
        async with _BookThread(self._layout.lock(book_id), book_id) as thread:
            was_there = (await thread.run(self._layout.editions, book_id)).live is not None
            await thread.run(self._layout.remove_book, book_id)
            await self._on_change()
        return was_there

    async def rollback(self, book_id: str) -> Book:
        """See `ports.IndexWriter.rollback`."""
        folder = self._layout.book(book_id)
        if not await asyncio.to_thread(folder.exists):
            raise NotFound(f"There is no book {book_id!r}", param="book")
        async with _BookThread(self._layout.lock(book_id), book_id) as thread:
            book = await thread.run(self._swap, book_id)
            await self._on_change()
        return book

    def _manifest(self, book_id: str) -> Manifest | None:
        live = self._layout.editions(book_id).live
        return None if live is None else self._layout.manifest(live)

    def _begin(self, book: Book, edition: str | None) -> EditionFiles:
        editions = self._layout.editions(book.book_id)
        self._layout.sweep(book.book_id, keep=editions.all())
        taken = {kept.edition for known in self._layout.all_editions() for kept in known.all()}
        book = replace(book, edition=edition_name(edition, taken=taken))
        return EditionFiles(self._layout, book, editions, self._optimize_above)

    def _swap(self, book_id: str) -> Book:
        editions = self._layout.editions(book_id)
        if editions.previous is None:
            raise NotFound(f"Book {book_id!r} has no previous edition", param="book")
        swapped = stored.BookEditions(live=editions.previous, previous=editions.live)
        self._layout.put_editions(book_id, swapped)
        return replace(editions.previous, previous_edition=editions.live and editions.live.edition)


class EmbeddedDraft:
    """An edition being made; made by `EmbeddedIndexWriter.draft`."""

    def __init__(
        self,
        files: EditionFiles,
        thread: "_BookThread",
        on_change: OnChange,
    ) -> None:
        self._files = files
        self._thread = thread
        self._on_change = on_change

    async def carry_over(self, document_ids: Collection[str]) -> None:
        """See `ports.EditionDraft.carry_over`."""
        await self._thread.run(self._files.carry_over, list(document_ids))

    async def known_vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """See `ports.EditionDraft.known_vectors`."""
        return await self._thread.run(self._files.known_vectors, list(text_hashes))

    async def known_texts(self, document_ids: Collection[str]) -> Collection[str]:
        """See `ports.EditionDraft.known_texts`."""
        return await self._thread.run(self._files.known_texts, list(document_ids))

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """See `ports.EditionDraft.add`."""
        await self._thread.run(self._files.add, chunks, vectors)

    async def count(self) -> int:
        """See `ports.EditionDraft.count`."""
        return await self._thread.run(self._files.count)

    async def find(
        self, vector: FloatVector, *, limit: int, of_live: bool = False
    ) -> Sequence[str]:
        """See `ports.EditionDraft.find`."""
        return await self._thread.run(self._files.find, vector, limit, of_live=of_live)

    async def chunks(self) -> AsyncGenerator[Sequence[Chunk]]:
        """See `ports.EditionDraft.chunks`."""
        pages = self._files.pages()
        while (page := await self._thread.run(next, pages, None)) is not None:
            yield page

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """See `ports.EditionDraft.add_weights`."""
        await self._thread.run(self._files.add_weights, weights)

    async def publish(self, manifest: Manifest, *, language: str, lexicon: Lexicon | None) -> Book:
        """See `ports.EditionDraft.publish`."""
        book = await self._thread.run(self._files.publish, manifest, language, lexicon)
        await self._on_change()
        # What cannot be removed now, the next draft of the book removes.
        with contextlib.suppress(RetrievalUnavailable):
            await self._thread.run(self._files.remove_older)
        return book


class _BookThread:
    """One thread that does, in order, all that is done to one book while its lock is held.

    A job whose caller was cancelled still ends before the next one, and before the lock is given
    back.
    """

    def __init__(self, lock: Path, book_id: str) -> None:
        self._book_id = book_id
        # Acquired here, released there: not bound to the thread that constructs it.
        self._path = lock
        self._lock = filelock.FileLock(lock, timeout=0, thread_local=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="book-writer")

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as undo:
            # Cancelled in between, the thread may have the lock a moment later. Giving back a
            # lock that was refused does nothing.
            undo.push_async_exit(self)
            await self.run(self._acquire)
            undo.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await asyncio.shield(self.run(self._lock.release))
        self._thread.shutdown(wait=False)

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `job` returns, in its turn."""
        return await asyncio.wrap_future(self._thread.submit(job, *args, **kwargs))

    def _acquire(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as exc:
            raise Conflict(
                f"Book {self._book_id!r} is being written by another process; try again later"
            ) from exc
        except OSError as exc:
            raise RetrievalUnavailable(
                f"The index on disk cannot be used: {exc.strerror or exc}"
            ) from exc
