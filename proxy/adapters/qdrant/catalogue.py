"""Which edition of each book is live on a server, remembered for a moment.

Every search needs to know; asking each time would double its cost. A change made by another process
is seen `ttl_s` later, one made by this process at once. That the server does not answer is
remembered too, shorter: one request finds out, the others of a burst need not wait as long.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from proxy.corpus import Book
from proxy.errors import RetrievalUnavailable

FAILURE_TTL_S: Final = 1.0


class Catalogue:
    """The live editions; callers at the same time share one question to the server.

    `read` bounds its own time. It goes on when who caused it gives up, for its outcome is what the
    next one needs to know.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Sequence[Book]]],
        *,
        ttl_s: float,
        failure_ttl_s: float = FAILURE_TTL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._ttl_s = ttl_s
        self._failure_ttl_s = failure_ttl_s
        self._clock = clock
        self._outcome: Sequence[Book] | RetrievalUnavailable = ()
        self._valid_until_s = clock()
        self._reading: asyncio.Task[Sequence[Book]] | None = None
        self._asked_at_s = clock()

    async def books(self) -> Sequence[Book]:
        """Return the live editions as they were at most `ttl_s` ago, ordered by book id.

        Raises:
            RetrievalUnavailable: they had to be read and could not be, now or just before.
        """
        now_s = self._clock()
        if now_s < self._valid_until_s:
            if isinstance(self._outcome, RetrievalUnavailable):
                raise RetrievalUnavailable(self._outcome.message) from self._outcome
            return self._outcome
        # The answer is as old as the question.
        is_stale = now_s >= self._asked_at_s + self._ttl_s
        if self._reading is None or self._reading.done() or is_stale:
            self._asked_at_s = now_s
            self._reading = asyncio.create_task(self._ask(now_s))
        return await asyncio.shield(self._reading)

    def forget(self) -> None:
        """Make the next `books` read anew; what is being read now may be stale already."""
        self._reading = None
        self._valid_until_s = self._clock()

    def forget_failure(self) -> None:
        """Make the next `books` read anew if it would fail: the server answers again."""
        if isinstance(self._outcome, RetrievalUnavailable):
            self._valid_until_s = self._clock()

    async def _ask(self, asked_at_s: float) -> Sequence[Book]:
        try:
            books = sorted(await self._read(), key=lambda book: book.book_id)
        except RetrievalUnavailable as exc:
            self._remember(exc, self._clock() + self._failure_ttl_s)
            raise
        self._remember(books, asked_at_s + self._ttl_s)
        return books

    def _remember(
        self, outcome: Sequence[Book] | RetrievalUnavailable, valid_until_s: float
    ) -> None:
        if self._reading is asyncio.current_task():
            self._reading = None
            self._outcome, self._valid_until_s = outcome, valid_until_s
