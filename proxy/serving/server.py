"""uvicorn as we run it: uvloop, HTTP with bounds, a bounded drain."""

import asyncio
import socket
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from proxy.serving.bounded_http import BoundedHttpProtocol
from proxy.settings import ServerSettings

_KEEP_ALIVE_S = 75
"""Longer than clients and load balancers keep an idle connection (5 s httpx, 60 s nginx and ALB):
the side that closes first must be the one that knows whether a request is under way."""
_LAST_WORDS_S = 1.0
"""For streams to say that the server stops, and for clients to read that."""


class DrainingServer(uvicorn.Server):
    """Finishes what was begun, unless it is told twice, by whichever of the two signals.

    uvicorn itself heeds a second SIGINT only, and leaves what is open to be cut without a word.
    """

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


def server_config(app: ASGIApp | str, settings: ServerSettings, **options: Any) -> uvicorn.Config:
    """Return uvicorn's configuration; `options` are uvicorn's own (host, port, workers …)."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttpProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.drain_timeout_s,
        timeout_keep_alive=_KEEP_ALIVE_S,
        **options,
    )
