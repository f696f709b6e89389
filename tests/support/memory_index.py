"""Editions of books in a dictionary: the smallest honest `ports.IndexWriter`."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from proxy.corpus import Book, Chunk, Manifest
from proxy.errors import Conflict, NotFound
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector


@dataclass
class Edition:
    """One edition and all that is in it."""

    book: Book
    manifest: Manifest
    chunks: dict[str, tuple[Chunk, FloatVector]]
    weights: dict[str, TermWeights]
    lexicon: Lexicon | None


@dataclass
class MemoryDraft:
    """Implements `ports.EditionDraft`."""

    writer: "MemoryIndexWriter"
    book: Book
    stored: dict[str, tuple[Chunk, FloatVector]] = field(
        default_factory=dict[str, tuple[Chunk, FloatVector]]
    )
    """By chunk id; so are `weights`."""
    weights: dict[str, TermWeights] = field(default_factory=dict[str, TermWeights])

    async def carry_over(self, document_ids: Collection[str]) -> None:
        """Take these documents' chunks from the live edition."""
        for chunk, vector in self._live():
            if chunk.document_id in document_ids:
                self.stored[chunk.chunk_id] = (chunk, vector)

    async def known_vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return the live edition's vectors of these texts."""
        return {
            chunk.text_hash: vector
            for chunk, vector in self._live()
            if chunk.text_hash in text_hashes
        }

    async def known_texts(self, document_ids: Collection[str]) -> Collection[str]:
        """Return the text hashes of these documents in the live edition."""
        return {c.text_hash for c, _ in self._live() if c.document_id in document_ids}

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """Store chunks; an id that is there already is a fault of the caller."""
        for chunk, vector in zip(chunks, vectors, strict=True):
            assert chunk.chunk_id not in self.stored
            self.stored[chunk.chunk_id] = (chunk, vector)

    async def count(self) -> int:
        """Return how many chunks there are."""
        return len(self.stored)

    async def find(
        self, vector: FloatVector, *, limit: int, of_live: bool = False
    ) -> Sequence[str]:
        """Return the documents of the nearest chunks."""
        chunks = self._live() if of_live else list(self.stored.values())
        ranked = sorted(chunks, key=lambda one: -float(one[1] @ vector))[:limit]
        return list(dict.fromkeys(chunk.document_id for chunk, _ in ranked))

    async def chunks(self) -> AsyncGenerator[Sequence[Chunk]]:
        """Yield all chunks so far, three at a time."""
        chunks = [chunk for chunk, _ in self.stored.values()]
        for start in range(0, len(chunks), 3):
            yield chunks[start : start + 3]

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of chunks weigh; there must be such chunks."""
        assert weights.keys() <= self.stored.keys()
        self.weights.update(weights)

    async def publish(self, manifest: Manifest, *, language: str, lexicon: Lexicon | None) -> Book:
        """Make this the live edition."""
        editions = self.writer.editions.setdefault(self.book.book_id, [])
        book = replace(self.book, language=language)
        editions.append(Edition(book, manifest, self.stored, self.weights, lexicon))
        del editions[:-2]
        return book

    def _live(self) -> Sequence[tuple[Chunk, FloatVector]]:
        live = self.writer.live(self.book.book_id)
        return list(live.chunks.values()) if live else []


class MemoryIndexWriter:
    """Implements `ports.IndexWriter`; `drafts` counts the editions begun."""

    def __init__(self) -> None:
        self.editions: dict[str, list[Edition]] = {}
        self.drafts = 0
        self._busy: set[str] = set()

    def live(self, book_id: str) -> Edition | None:
        """Return the live edition."""
        editions = self.editions.get(book_id)
        return editions[-1] if editions else None

    async def book(self, book_id: str) -> Book | None:
        """Return the live edition."""
        live = self.live(book_id)
        return live.book if live else None

    async def manifest(self, book_id: str) -> Manifest | None:
        """Return the live edition's manifest."""
        live = self.live(book_id)
        return live.manifest if live else None

    @asynccontextmanager
    async def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AsyncGenerator[MemoryDraft]:
        """Begin an edition."""
        if book_id in self._busy:
            raise Conflict(f"{book_id} is being written")
        self._busy.add(book_id)
        self.drafts += 1
        name = edition or f"{book_id}-{self.drafts:04}"
        try:
            yield MemoryDraft(self, Book(book_id, title, name, base_url, "hashed-words", 64, 0))
        finally:
            self._busy.discard(book_id)

    async def delete(self, book_id: str) -> bool:
        """Remove a book."""
        return self.editions.pop(book_id, None) is not None

    async def rollback(self, book_id: str) -> Book:
        """Make the previous edition live again."""
        editions = self.editions.get(book_id, [])
        if len(editions) < 2:
            raise NotFound(f"{book_id} has no previous edition")
        editions.reverse()
        return editions[-1].book
