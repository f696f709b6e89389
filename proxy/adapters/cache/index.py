"""`ports.BookIndex` that keeps what it read of live editions, which never change.

A question that was never asked before still meets passages that others were answered from: reading
them again costs a trip to the store and as much CPU as the search.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from proxy.corpus import Book, Chunk
from proxy.deadline import Deadline
from proxy.lexical.bm25 import Lexicon
from proxy.ports import BookIndex
from proxy.queries import Hit, IndexQuery

MAX_CHARS: Final = 16_000_000
"""Of passages, those used last: some 20,000 of them, which take about 40 MB."""

_Edition = tuple[str, int]
"""Name and time of making: a name may be given again once its edition is deleted."""


class CachedIndex:
    """Searches another index, and reads from it what it does not hold."""

    def __init__(self, index: BookIndex, *, max_chars: int = MAX_CHARS) -> None:
        self._index = index
        self._max_chars = max_chars
        self._chars = 0
        self._chunks: OrderedDict[str, tuple[_Edition, Chunk]] = OrderedDict()
        """By chunk id; the one used last is the last."""
        self._lexicons: dict[Book, Lexicon] = {}

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        return await self._index.books()

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """See `ports.BookIndex.lexicon`."""
        kept = self._lexicons.get(book)
        if kept is not None:
            return kept
        lexicon = await self._index.lexicon(book, deadline=deadline)
        if lexicon is not None:
            live = set(await self._index.books())
            self._lexicons = {b: kept for b, kept in self._lexicons.items() if b in live}
            self._lexicons[book] = lexicon
        return lexicon

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """See `ports.BookIndex.find`."""
        return await self._index.find(queries, deadline=deadline)

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """See `ports.BookIndex.read`."""
        if not chunk_ids:
            return {}
        live = {
            book.book_id: (book.edition, book.created_unix_s)
            for book in await self._index.books()
            if books is None or book.book_id in books
        }
        found: dict[str, Chunk] = {}
        missing: list[str] = []
        for chunk_id in chunk_ids:
            edition, chunk = self._chunks.get(chunk_id, _NOTHING)
            if chunk is not None and live.get(chunk.book) == edition:
                self._chunks.move_to_end(chunk_id)
                found[chunk_id] = chunk
            else:
                missing.append(chunk_id)
        if missing:
            read = await self._index.read(missing, deadline=deadline, books=books)
            for chunk_id, chunk in read.items():
                found[chunk_id] = chunk
                if chunk.book in live:
                    self._keep(chunk_id, live[chunk.book], chunk)
        return found

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        await self._index.check()

    def _keep(self, chunk_id: str, edition: _Edition, chunk: Chunk) -> None:
        before = self._chunks.pop(chunk_id, None)
        self._chars += len(chunk.text) - (len(before[1].text) if before else 0)
        self._chunks[chunk_id] = edition, chunk
        while self._chars > self._max_chars:
            _, (_, oldest) = self._chunks.popitem(last=False)
            self._chars -= len(oldest.text)


_NOTHING: Final[tuple[None, None]] = None, None
