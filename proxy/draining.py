"""uvicorn's server, which a second signal ends at once, whichever of the two it is.

The first lets open answers finish. uvicorn itself heeds a second SIGINT only, and then leaves what
is open to be cut without a word.
"""

import asyncio
import socket
from types import FrameType

import uvicorn

_LAST_WORDS_S = 1.0
"""For streams to say that the server stops, and for clients to read that."""


class DrainingServer(uvicorn.Server):
    """Finishes what was begun, unless it is told twice."""

    _loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Take a signal in."""
        if self.should_exit:
            self._loop.call_soon_threadsafe(self._end_now)
        self.should_exit = True

    def _end_now(self) -> None:
        for task in self.server_state.tasks:
            task.cancel()
        self._loop.call_later(_LAST_WORDS_S, self._hang_up)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
