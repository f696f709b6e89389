"""The head of a streamed answer leaves with what follows it. Called by `server.py`."""

import asyncio
from typing import Any

_STATUS_LINE = b"HTTP/1.1 "


class JoinedWrites:
    """A transport that sends the head of an answer together with what follows it.

    uvicorn writes both apart and uvloop sends every write at once: two system calls, and two
    awakenings of the client, for one answer. A head that nothing follows leaves with the loop's
    next turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self.is_closing = transport.is_closing
        self.writelines = transport.writelines

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, or hold what looks like a head."""
        if self._held:
            data, self._held = self._held + data, b""
        elif data.startswith(_STATUS_LINE):
            self._held = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close once everything is sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            if not self._transport.is_closing():
                self._transport.write(data)
