"""uvicorn as we run it: uvloop, httptools with a cap on headers, a bounded drain.

httptools itself bounds nothing: a 20 MB header is parsed and answered (vLLM's CVE-2025-48956 was
the same hole), and two Host headers are let through.
"""

import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from proxy.errors import ConfigurationError
from proxy.settings import ServerSettings

MAX_HEAD_BYTES = 64 * 1024
_BACKLOG = 2_048
_KEEP_ALIVE_S = 75
"""Longer than clients and load balancers keep an idle connection (5 s httpx, 60 s nginx and ALB):
the side that closes first must be the one that knows whether a request is under way."""
_BYTES_PER_HEADER = 32
"""Added per header: five thousand empty ones cost memory too."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class HeadTooLargeError(Exception):
    """Raised into the parser to stop it."""


class CappedHttpProtocol(HttpToolsProtocol):
    """httptools with at most `MAX_HEAD_BYTES` of request line and headers, and one Host."""

    _awaits_head = True
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parse, unless a head is still not complete after too many bytes."""
        super().data_received(data)
        if self._awaits_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse_head()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._awaits_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Check the head as a whole, then go on."""
        self._awaits_head = False
        size = len(self.url) + sum(len(n) + len(v) + _BYTES_PER_HEADER for n, v in self.headers)
        if size > MAX_HEAD_BYTES:
            self._refuse_head()
            raise HeadTooLargeError
        if sum(name == b"host" for name, _ in self.headers) > 1:
            raise ValueError("more than one Host header")
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, unless it was refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()


def server_config(app: ASGIApp | str, settings: ServerSettings, **options: Any) -> uvicorn.Config:
    """Return uvicorn's configuration; `options` are uvicorn's own (host, port, workers …)."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=CappedHttpProtocol,
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
