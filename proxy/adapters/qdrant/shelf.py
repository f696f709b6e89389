"""The live editions of all books, opened when first searched; confined to one thread.

That thread is what keeps a search on the edition it began with: editions are closed by the same
thread, between searches.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeVar

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.naming import chunk_point_id, edition_key
from proxy.adapters.qdrant.ranking import first_request_size, next_request_size, ranked
from proxy.adapters.qdrant.shard import Scored, Shard
from proxy.corpus import Book, Chunk
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit, IndexQuery

T = TypeVar("T")
_SCORE: Final = itemgetter(1)
"""Of a `Scored`."""


@dataclass(frozen=True, slots=True)
class _Edition:
    """An open edition."""

    shard: Shard
    lexicon: Lexicon | None


class Shelf:
    """Editions by the folder they live in; all methods raise RetrievalUnavailable."""

    def __init__(self, layout: Layout, dimensions: int) -> None:
        self._layout = layout
        self._dimensions = dimensions
        self._open: dict[Path, _Edition] = {}
        self.books: Sequence[Book] = ()
        """The live edition of each book, ordered by id; replaced whole, so any thread may read."""

    def refresh(self) -> None:
        """Read anew which editions are live and close those that are not."""
        live = [editions.live for editions in self._layout.all_editions()]
        self.books = tuple(book for book in live if book is not None)
        wanted = {self._layout.edition(book) for book in self.books}
        for path in [path for path in self._open if path not in wanted]:
            self._open.pop(path).shard.close()

    def lexicon(self, book: Book) -> Lexicon | None:
        """Return an edition's lexicon; None for one made without, or gone in the meantime."""
        return self._edition(book).lexicon if book in self.books else None

    def find(self, queries: Sequence[IndexQuery]) -> Sequence[Sequence[Hit]]:
        """Return each query's best chunks, best first."""
        return self._on_live_editions(lambda: self._find(queries))

    def read(
        self, chunk_ids: Collection[str], books: Collection[str] | None
    ) -> Mapping[str, Chunk]:
        """Return the chunks of these ids that live editions of `books` (None: of all) have."""
        return self._on_live_editions(lambda: self._read(chunk_ids, books))

    def open_all(self) -> None:
        """Open every live edition that no search has opened yet."""
        self.refresh()
        for book in self.books:
            self._edition(book)

    def close(self) -> None:
        """Close all shards."""
        while self._open:
            self._open.popitem()[1].shard.close()

    def _on_live_editions(self, job: Callable[[], T]) -> T:
        try:
            return job()
        except _EditionGoneError:
            self.refresh()
            return job()

    def _find(self, queries: Sequence[IndexQuery]) -> Sequence[Sequence[Hit]]:
        found: list[list[Hit]] = [[] for _ in queries]
        for book in self.books:
            meant = [n for n, query in enumerate(queries) if _is_meant(book, query)]
            if not meant:
                continue
            edition = self._edition(book)
            asked = [n for n in meant if edition.lexicon or not isinstance(queries[n].by, Mapping)]
            answers = _settled(edition.shard, [queries[n] for n in asked])
            for n, hits in zip(asked, answers, strict=True):
                payloads, scores = [payload for payload, _ in hits], [score for _, score in hits]
                found[n] += stored.payloads_to_hits(payloads, scores)
        return [ranked(hits, query) for query, hits in zip(queries, found, strict=True)]

    def _read(
        self, chunk_ids: Collection[str], books: Collection[str] | None
    ) -> Mapping[str, Chunk]:
        found: dict[str, Chunk] = {}
        for book in self.books:
            if books is not None and book.book_id not in books:
                continue
            missing = [chunk_id for chunk_id in chunk_ids if chunk_id not in found]
            if not missing:
                break
            key = edition_key(book.book_id, book.edition)
            points = [chunk_point_id(key, chunk_id) for chunk_id in missing]
            chunks = map(stored.payload_to_chunk, self._edition(book).shard.payloads(points))
            found.update((chunk.chunk_id, chunk) for chunk in chunks)
        return found

    def _edition(self, book: Book) -> _Edition:
        path = self._layout.edition(book)
        if path not in self._open:
            shard = self._layout.shard(book)
            if not shard.exists():
                raise _EditionGoneError(f"Edition {book.edition!r} of {book.book_id!r} is gone")
            lexicon = self._layout.lexicon(book)
            self._open[path] = _Edition(Shard.load(shard, self._dimensions), lexicon)
        return self._open[path]


class _EditionGoneError(RetrievalUnavailable):
    """Another process published twice since the last refresh, and removed what was live then."""


def _is_meant(book: Book, query: IndexQuery) -> bool:
    is_named = query.where.books is None or book.book_id in query.where.books
    return is_named and query.limit > 0


def _settled(shard: Shard, queries: Sequence[IndexQuery]) -> list[list[Scored]]:
    """Return of each query at least the best `limit`, and whatever ties with the last of them."""
    asked: list[int | None] = [first_request_size(query) for query in queries]
    hits: list[list[Scored]] = [[] for _ in queries]
    while open_ones := [n for n, size in enumerate(asked) if size is not None]:
        sizes = [size for size in asked if size is not None]
        answers = shard.find([queries[n] for n in open_ones], sizes)
        for n, size, answer in zip(open_ones, sizes, answers, strict=True):
            hits[n] = answer
            asked[n] = next_request_size(answer, _SCORE, asked=size, limit=queries[n].limit)
    return hits
