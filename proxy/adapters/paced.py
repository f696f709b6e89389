"""Ports held to a number per minute: an embedder's texts, as Google counts them, an author's calls.

For ingests, which would otherwise run into the limit again and again; questions never wait here.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from proxy.deadline import Deadline
from proxy.ports import ContextAuthor, Embedder, Embeddings, TextRole

WINDOW_S = 60.0


class TextQuota:
    """Lets through at most `per_minute` texts in any sixty seconds, first come first served.

    More than that in one go wait until they are alone.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._let_through: deque[tuple[float, int]] = deque()
        self._used = 0
        self._turn = asyncio.Lock()

    async def take(self, texts: int) -> None:
        """Return when that many texts may go."""
        async with self._turn:
            while self._used and self._used + texts > self._per_minute:
                await self._sleep(max(0.0, self._let_through[0][0] + WINDOW_S - self._clock()))
                self._forget()
            self._let_through.append((self._clock(), texts))
            self._used += texts

    def _forget(self) -> None:
        while self._let_through and self._let_through[0][0] + WINDOW_S <= self._clock():
            self._used -= self._let_through.popleft()[1]


class PacedEmbedder:
    """Another embedder, no faster than a quota allows."""

    def __init__(self, embedder: Embedder, quota: TextQuota) -> None:
        self._embedder = embedder
        self._quota = quota
        self.model = embedder.model
        self.dimensions = embedder.dimensions
        self.relevance_floor = embedder.relevance_floor
        self.count_tokens = embedder.count_tokens

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """See `ports.Embedder.embed`; waiting for the quota is not counted against the deadline."""
        limit_s = deadline.remaining_s()
        await self._quota.take(len(texts))
        return await self._embedder.embed(
            texts,
            role=role,
            deadline=Deadline.after(limit_s),
            dimensions=dimensions,
            model=model,
        )


class PacedAuthor:
    """Another author of contexts, no faster than a quota of calls allows."""

    def __init__(self, author: ContextAuthor, quota: TextQuota) -> None:
        self._author = author
        self._quota = quota

    async def write(self, page: str, passage: str, *, deadline: Deadline) -> str:
        """See `ports.ContextAuthor.write`; waiting for the quota is not counted."""
        limit_s = deadline.remaining_s()
        await self._quota.take(1)
        return await self._author.write(page, passage, deadline=Deadline.after(limit_s))
