"""uvicorn as we run it: uvloop, httptools with bounds, a bounded drain.

httptools itself bounds nothing: a 20 MB header is parsed and answered (vLLM's CVE-2025-48956 was
the same hole), two Host headers are let through, and a request may take for ever to arrive.
"""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from proxy.api.connection import ON_DISCONNECT
from proxy.errors import ConfigurationError
from proxy.settings import ServerSettings

MAX_HEAD_BYTES = 64 * 1024
_BACKLOG = 2_048
_KEEP_ALIVE_S = 75
"""Longer than clients and load balancers keep an idle connection (5 s httpx, 60 s nginx and ALB):
the side that closes first must be the one that knows whether a request is under way."""
_BYTES_PER_HEADER = 32
"""Added per header: five thousand empty ones cost memory too."""

RECEIVE_TIMEOUT_S = 30.0
"""From the opening of a connection, or the first byte of a later request, to the request's end."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HeadTooLargeError(Exception):
    """Raised into the parser to stop it."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """httptools with bounds, and with word of a client that has gone.

    At most `MAX_HEAD_BYTES` of request line and headers, one Host, `RECEIVE_TIMEOUT_S` for a
    request to arrive. The ASGI extension `ON_DISCONNECT` calls back when the connection is lost.
    """

    receive_timeout_s = RECEIVE_TIMEOUT_S
    _awaits_head = True
    _is_receiving = True
    _head_bytes = 0
    _timer: asyncio.TimerHandle | None = None
    _gone: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever works for this client."""
        self._stop_timer()
        super().connection_lost(exc)
        if self._gone is not None:
            self._gone()

    def data_received(self, data: bytes) -> None:
        """Parse, unless a head is still not complete after too many bytes."""
        super().data_received(data)
        if self._is_receiving:
            self._start_timer()
            if self._awaits_head:
                self._head_bytes += len(data)
                if self._head_bytes > MAX_HEAD_BYTES:
                    self._refuse(_TOO_LARGE)
        elif self._timer is not None:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._awaits_head = self._is_receiving = True
        self._head_bytes = 0
        super().on_message_begin()
        self.scope["extensions"] = cast("Any", {ON_DISCONNECT: self._on_disconnect})

    def on_headers_complete(self) -> None:
        """Check the head as a whole, then go on."""
        self._awaits_head = False
        size = len(self.url) + sum(len(n) + len(v) + _BYTES_PER_HEADER for n, v in self.headers)
        if size > MAX_HEAD_BYTES:
            self._refuse(_TOO_LARGE)
            raise HeadTooLargeError
        if sum(name == b"host" for name, _ in self.headers) > 1:
            raise ValueError("more than one Host header")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request is here."""
        self._is_receiving = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, unless it was refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _on_disconnect(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when the connection is lost, unless the function returned was called."""
        if self.transport.is_closing():
            self.loop.call_soon(callback)
        self._gone = callback
        return partial(self._forget, callback)

    def _forget(self, callback: Callable[[], None]) -> None:
        if self._gone is callback:
            self._gone = None

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.receive_timeout_s, self._too_slow)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        # No cycle before the first head; uvicorn's annotation does not say so.
        has_answered = getattr(self.cycle, "response_started", False)
        self._refuse(b"" if has_answered else _TOO_SLOW)

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


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


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening address of ours, so that a taken port is one clear line.

    Raises:
        ConfigurationError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    bound.listen(_BACKLOG)
    bound.set_inheritable(True)
    return bound
