"""Clients that stop reading: given up after a while, so that none holds a place for ever.

Kept out of the way of every write: the transport says itself when its buffer is full.
"""

import asyncio

WRITE_STALL_TIMEOUT_S = 20.0
"""Without a single byte taken."""


class StallWatch:
    """Ends one connection when its full buffer does not shrink for a while."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._left_bytes = 0

    def paused(self, timeout_s: float) -> None:
        """Begin to watch: the buffer is full."""
        self.resumed()
        self._left_bytes = self._transport.get_write_buffer_size()
        self._timer = self._loop.call_later(timeout_s, self._check, timeout_s)

    def resumed(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self, timeout_s: float) -> None:
        self._timer = None
        left = self._transport.get_write_buffer_size()
        if left == self._left_bytes:
            self._transport.abort()
        elif left:  # slow, but it reads
            self.paused(timeout_s)
