"""The chunks of a stream as they arrived: what the network brought together, together.

The `openai` package hands chunks out one by one and waits only where no more are there. So a task
that takes them until it has to wait has taken all that had come.
"""

import asyncio
from collections.abc import AsyncIterator

_MAX_WAITING = 64
"""Chunks read ahead of a client that does not take them."""


class Arrivals:
    """Reads `chunks` until it is closed, from now on."""

    def __init__(self, chunks: AsyncIterator[object]) -> None:
        self._chunks = chunks
        self._waiting: list[object] = []
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def next(self) -> list[object] | None:
        """Return the chunks that have come, waiting for the first; None at the end.

        Raises what reading them raised, once everything before it was returned.
        """
        await self._has_news.wait()
        arrived, self._waiting = self._waiting, []
        if not arrived:
            await self._reading
            return None
        if not self._reading.done():
            self._has_news.clear()
            self._has_room.set()
        return arrived

    async def close(self) -> None:
        """Stop reading; whoever opened the chunks closes them."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for chunk in self._chunks:
                self._waiting.append(chunk)
                self._has_news.set()
                if len(self._waiting) >= _MAX_WAITING:
                    self._has_room.clear()
                    await self._has_room.wait()
        finally:
            self._has_news.set()
