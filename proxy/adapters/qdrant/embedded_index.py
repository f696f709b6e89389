"""`ports.BookIndex` in this process, on Qdrant Edge: one shard for the live edition of each book.

One thread does all the searching. Edge holds the interpreter lock while it searches (400 searches
took as long in two threads as in one), so more threads would only take turns; and inline, forty
searches at once would keep the event loop from its sockets for the sum of them.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.shelf import Shelf
from proxy.corpus import Book, Chunk
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit, IndexQuery

P = ParamSpec("P")
T = TypeVar("T")

# For what carries no deadline of its own. Opening many books for the first time is the longest.
_CONTROL_LIMIT_S: Final = 30.0


class EmbeddedIndex:
    """Searches the books below `root`; serves what was live at the last `refresh`.

    `limit_s` bounds one search, whatever its deadline says, the wait for its turn included.
    """

    def __init__(self, root: Path, identity: IndexIdentity, *, limit_s: float = 0.8) -> None:
        self._layout = Layout(root)
        self._identity = identity
        self._limit_s = limit_s
        self._shelf = Shelf(self._layout, identity.dimensions)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="book-search")

    async def __aenter__(self) -> Self:
        """Open the index; see `open`."""
        await self.open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close the index; see `close`."""
        await self.close()

    async def open(self) -> None:
        """Read which books there are, and open them; a root that is not there yet has none.

        A book that cannot be opened fails the searches of it, and no start.

        Raises:
            ConfigurationError: the index was made for another model or size.
            RetrievalUnavailable: it cannot be read.
        """
        await self._run(_CONTROL_LIMIT_S, self._layout.verify, self._identity)
        await self.refresh()
        # 0.03 s for a large book: twenty of them would cost the first search its limit.
        with contextlib.suppress(RetrievalUnavailable):
            await self._run(_CONTROL_LIMIT_S, self._shelf.open_all)

    async def refresh(self) -> None:
        """See what was published, rolled back or deleted until now.

        A search that is under way finishes on the edition it began with, which is closed after.

        Raises:
            RetrievalUnavailable: the index cannot be read.
        """
        await self._run(_CONTROL_LIMIT_S, self._shelf.refresh)

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        return self._shelf.books

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """See `ports.BookIndex.lexicon`."""
        return await self._run(deadline.within(self._limit_s), self._shelf.lexicon, book)

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """See `ports.BookIndex.find`."""
        return await self._run(deadline.within(self._limit_s), self._shelf.find, queries)

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """See `ports.BookIndex.read`."""
        return await self._run(deadline.within(self._limit_s), self._shelf.read, chunk_ids, books)

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        try:
            await self._run(_CONTROL_LIMIT_S, self._layout.verify, self._identity)
        except ConfigurationError as exc:
            raise RetrievalUnavailable(str(exc)) from exc
        await self._run(_CONTROL_LIMIT_S, self._shelf.open_all)

    async def close(self) -> None:
        """Close all shards once the searches under way are done; then nothing can be searched."""
        await self._run(_CONTROL_LIMIT_S, self._shelf.close)
        self._thread.shutdown(wait=False)

    async def _run(
        self, limit_s: float, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            waiting = self._thread.submit(job, *args, **kwargs)
        except RuntimeError as exc:
            raise RetrievalUnavailable("The index is closed") from exc
        try:
            async with asyncio.timeout(limit_s):
                # Cancelled, it leaves the queue, so that searches nobody waits for cost nothing.
                return await asyncio.wrap_future(waiting)
        except TimeoutError as exc:
            raise RetrievalUnavailable(
                f"The embedded index did not answer within {limit_s:.2g} seconds"
            ) from exc
