"""What searches books, and what changes which there are."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from proxy.corpus import Book, Chunk, Manifest
from proxy.deadline import Deadline
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports.vectors import FloatMatrix
from proxy.queries import FloatVector, Hit, IndexQuery


class BookIndex(Protocol):
    """Searches the live editions of all books made with one embedding model."""

    async def books(self) -> Sequence[Book]:
        """Return the live edition of every book, ordered by id.

        Raises:
            RetrievalUnavailable: the store cannot be reached.
        """
        ...

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """Return what weighs the terms of a question in this edition.

        None where the edition has no terms to be found by: it was made before they were indexed, or
        somebody else filled the store.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """Return for each query, in order, its `limit` best chunks, best first.

        All queries make one trip. Ids that are not there find nothing, nor does a query by terms in
        an edition without them. Ties are broken by chunk id, so that equal queries give equal
        answers. Never blocks the event loop.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """Return chunks by their ids, from the live editions of `books` (None: of all).

        Ids that are not there are left out.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def check(self) -> None:
        """Return when searching works.

        Raises:
            RetrievalUnavailable: with the reason.
        """
        ...


class EditionDraft(Protocol):
    """An edition being made; readers see nothing of it before `publish`."""

    async def carry_over(self, document_ids: Collection[str]) -> None:
        """Take the chunks of these documents, with their vectors, from the live edition."""
        ...

    async def known_vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return vectors that the live edition holds for texts with these `Chunk.text_hash`es."""
        ...

    async def known_texts(self, document_ids: Collection[str]) -> Collection[str]:
        """Return the `Chunk.text_hash`es of what the live edition holds of these documents."""
        ...

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """Store chunks and their vectors (row i belongs to chunk i); durable when it returns."""
        ...

    async def count(self) -> int:
        """Return how many chunks are stored so far, those that were taken over included."""
        ...

    async def find(
        self, vector: FloatVector, *, limit: int, of_live: bool = False
    ) -> Sequence[str]:
        """Return the documents of the `limit` nearest chunks, best first, each once.

        `of_live` searches the live edition instead; without one nothing is found.
        """
        ...

    def chunks(self) -> AsyncGenerator[Sequence[Chunk]]:
        """Yield all chunks stored or taken over so far, a page at a time, in any order."""
        ...

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of chunks weigh, by chunk id; durable when `publish` returns."""
        ...

    async def publish(self, manifest: Manifest, *, language: str, lexicon: Lexicon | None) -> Book:
        """Make this edition the live one in one atomic step and return it.

        `lexicon` None: its chunks have no weights, and are found by meaning alone.

        The edition that was live before is kept for `IndexWriter.rollback`, older ones are removed.
        """
        ...


class IndexWriter(Protocol):
    """Changes which editions there are. One writer per book at a time."""

    async def book(self, book_id: str) -> Book | None:
        """Return the live edition of a book, None for an unknown one."""
        ...

    async def manifest(self, book_id: str) -> Manifest | None:
        """Return the live edition's manifest, None for an unknown book."""
        ...

    def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AbstractAsyncContextManager[EditionDraft]:
        """Begin an edition; left without `publish`, nothing of it remains.

        `edition` None makes a name from the time.

        Raises:
            Conflict: another process is writing this book.
        """
        ...

    async def delete(self, book_id: str) -> bool:
        """Remove a book with all its editions; False where there was none."""
        ...

    async def rollback(self, book_id: str) -> Book:
        """Make the previous edition live again (and this one the previous).

        Raises:
            NotFound: no such book, or it has no previous edition.
        """
        ...
