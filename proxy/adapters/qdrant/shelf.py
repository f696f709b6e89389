"""The live editions of all books, opened when first searched; confined to one thread.

That thread is what keeps a search on the edition it began with: editions are closed by the same
thread, between searches.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.naming import chunk_point_id, edition_key
from proxy.adapters.qdrant.ranking import cosine, next_request_size, ranked
from proxy.adapters.qdrant.shard import Scored, Shard
from proxy.corpus import Book, Chunk, Passage
from proxy.errors import RetrievalUnavailable
from proxy.ports import FloatVector


class Shelf:
    """Shards by the folder they live in; all methods raise RetrievalUnavailable."""

    def __init__(self, layout: Layout, dimensions: int) -> None:
        self._layout = layout
        self._dimensions = dimensions
        self._open: dict[Path, Shard] = {}
        self.books: Sequence[Book] = ()
        """The live edition of each book, ordered by id; replaced whole, so any thread may read."""

    def refresh(self) -> None:
        """Read anew which editions are live and close those that are not."""
        live = [editions.live for editions in self._layout.all_editions()]
        self.books = tuple(book for book in live if book is not None)
        wanted = {self._layout.shard(book) for book in self.books}
        for path in [path for path in self._open if path not in wanted]:
            self._open.pop(path).close()

    def search(
        self, vector: FloatVector, books: Collection[str] | None, limit: int
    ) -> Sequence[Passage]:
        """Return the `limit` nearest chunks of these books, best first."""
        if limit < 1:
            return ()
        try:
            hits = self._nearest(vector, books, limit)
        except _EditionGoneError:
            self.refresh()
            hits = self._nearest(vector, books, limit)
        found = (
            Passage(stored.payload_to_chunk(payload), cosine(score)) for payload, score in hits
        )
        return ranked(found, limit)

    def chunk(self, chunk_id: str) -> Chunk | None:
        """Return the chunk of this id, None where no live edition has it."""
        try:
            payload = self._payload(chunk_id)
        except _EditionGoneError:
            self.refresh()
            payload = self._payload(chunk_id)
        return None if payload is None else stored.payload_to_chunk(payload)

    def open_all(self) -> None:
        """Open every live edition that no search has opened yet."""
        self.refresh()
        for book in self.books:
            self._shard(book)

    def close(self) -> None:
        """Close all shards."""
        while self._open:
            self._open.popitem()[1].close()

    def _nearest(
        self, vector: FloatVector, books: Collection[str] | None, limit: int
    ) -> list[Scored]:
        return [
            hit
            for book in self.books
            if books is None or book.book_id in books
            for hit in _nearest(self._shard(book), vector, limit)
        ]

    def _payload(self, chunk_id: str) -> dict[str, Any] | None:
        for book in self.books:
            point_id = chunk_point_id(edition_key(book.book_id, book.edition), chunk_id)
            payload = self._shard(book).payload(point_id)
            if payload is not None:
                return payload
        return None

    def _shard(self, book: Book) -> Shard:
        path = self._layout.shard(book)
        if path not in self._open:
            if not path.exists():
                raise _EditionGoneError(f"Edition {book.edition!r} of {book.book_id!r} is gone")
            self._open[path] = Shard.load(path, self._dimensions)
        return self._open[path]


class _EditionGoneError(RetrievalUnavailable):
    """Another process published twice since the last refresh, and removed what was live then."""


def _nearest(shard: Shard, vector: FloatVector, limit: int) -> list[Scored]:
    """Return at least the `limit` nearest, and whatever ties with the last of them."""
    asked: int | None = limit + 1
    hits: list[Scored] = []
    while asked is not None:
        hits = shard.nearest(vector, asked)
        asked = next_request_size([score for _, score in hits], asked=asked, limit=limit)
    return hits
