"""Which edition of each book is live on a server, remembered for a moment.

Every search needs to know; asking each time would double its cost. A change made by another process
is seen `ttl_s` later, one made by this process at once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from proxy.corpus import Book


class Catalogue:
    """The live editions; at most one caller at a time asks the server, the others wait for it."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Sequence[Book]]],
        *,
        ttl_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._ttl_s = ttl_s
        self._clock = clock
        self._lock = asyncio.Lock()
        self._books: Sequence[Book] = ()
        self._fresh_until_s: float | None = None
        self._forgotten = 0

    async def books(self) -> Sequence[Book]:
        """Return the live editions as they were at most `ttl_s` ago, ordered by book id.

        Raises:
            RetrievalUnavailable: they had to be read and could not be.
        """
        if self._is_fresh():
            return self._books
        async with self._lock:
            if self._is_fresh():
                return self._books
            # The answer is as old as the question, and stale from the start when someone
            # published in between.
            asked_at_s, forgotten = self._clock(), self._forgotten
            books = sorted(await self._read(), key=lambda book: book.book_id)
            if forgotten == self._forgotten:
                self._books, self._fresh_until_s = books, asked_at_s + self._ttl_s
            return books

    def forget(self) -> None:
        """Make the next `books` read anew."""
        self._forgotten += 1
        self._fresh_until_s = None

    def _is_fresh(self) -> bool:
        return self._fresh_until_s is not None and self._clock() < self._fresh_until_s
