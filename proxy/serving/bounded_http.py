"""HTTP with bounds: how large a head may be, and how long a request may take.

httptools bounds nothing: a 20 MB header is parsed and answered (vLLM's CVE-2025-48956 was
the same hole), two Host headers are let through, and a request may take for ever to arrive.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from proxy.api.connection import ON_DISCONNECT
from proxy.protocol.ids import new_id
from proxy.serving.joined_writes import HeldHeads, WholeAnswers
from proxy.serving.stalled_writes import WRITE_STALL_TIMEOUT_S, StallWatch
from proxy.telemetry.logs import log
from proxy.telemetry.metrics import REQUESTS_REFUSED

MAX_HEAD_BYTES = 64 * 1024
_BYTES_PER_HEADER = 32
"""Added per header: five thousand empty ones cost memory too."""

RECEIVE_TIMEOUT_S = 30.0
"""From the opening of a connection, or the first byte of a later request, to the request's end."""
LEAST_BODY_BYTES_PER_S = 64 * 1024
"""A body that arrives faster may take longer than that: files are uploaded over slow lines too."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The answer to a request that never becomes one for the application."""

    status: str
    code: str
    message: str

    def answer(self, request_id: str) -> bytes:
        """Return a whole response."""
        error = {"message": self.message, "type": "invalid_request_error", "param": None}
        body = orjson.dumps({"error": {**error, "code": self.code}})
        lines = (
            f"HTTP/1.1 {self.status}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            f"x-request-id: {request_id}",
            "connection: close",
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


_TOO_LARGE = _Refusal(
    "431 Request Header Fields Too Large", "headers_too_large", "The headers are larger than 64 kB."
)
_TOO_SLOW = _Refusal(
    "408 Request Timeout", "request_timeout", "The request did not arrive in time."
)
_MALFORMED = _Refusal("400 Bad Request", "invalid_http", "This is not a valid HTTP request.")


_OFFER = re.compile(rb"^upgrade:", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"(?:^|\n)\r?\n")
_TLS_HELLO = b"\x16"
"""Begins what a client says that takes us for https: never a line, and refused at once."""


def _without_offers(data: bytes) -> tuple[bytes, bytes]:
    """Return what may be parsed, and the unfinished line of a head, which has to wait.

    Java's HttpClient offers h2c with every request; httptools would then take the body for that
    protocol's. Servers may ignore the offer (RFC 9110, 7.8), and this one does.
    """
    if end := _HEAD_END.search(data):
        return _OFFER.sub(b"x-ignored:", data[: end.end()]) + data[end.end() :], b""
    if data.startswith(_TLS_HELLO):
        return data, b""
    lines = data.rfind(b"\n") + 1
    return _OFFER.sub(b"x-ignored:", data[:lines]), data[lines:]


class HeadTooLargeError(Exception):
    """Raised into the parser to stop it."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """httptools with bounds, and with word of a client that has gone (`ON_DISCONNECT`).

    At most `MAX_HEAD_BYTES` of request line and headers, one Host, `RECEIVE_TIMEOUT_S` for a
    request to arrive, `WRITE_STALL_TIMEOUT_S` without a byte read of an answer.
    """

    receive_timeout_s = RECEIVE_TIMEOUT_S
    write_stall_timeout_s = WRITE_STALL_TIMEOUT_S
    _awaits_head = True
    _is_receiving = True
    _head_bytes = 0
    """Of what arrived since the request began: at least its head."""
    _piece_bytes = 0
    _line = b""
    """Of a head, as far as it has arrived."""
    _timer: asyncio.TimerHandle | None = None
    _bytes_before_timer = 0
    """Of the request that is arriving, when the timer was set."""
    _gone: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(cast("asyncio.Transport", HeldHeads(transport, self.loop)))
        self._stall_watch = StallWatch(transport, self.loop)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever works for this client."""
        self._stop_timer()
        self._stall_watch.resumed()
        super().connection_lost(exc)
        if self._gone is not None:
            self._gone()

    def pause_writing(self) -> None:
        """Note that the client does not keep up."""
        super().pause_writing()
        self._stall_watch.paused(self.write_stall_timeout_s)

    def resume_writing(self) -> None:
        """Note that it does again."""
        super().resume_writing()
        self._stall_watch.resumed()

    def data_received(self, data: bytes) -> None:
        """Parse, within the bounds."""
        self._head_bytes += len(data)
        if self._awaits_head and (self._line or b"pgrade" in data or b"\r\n\r\n" not in data):
            data, self._line = _without_offers(self._line + data)
            self._is_receiving = self._is_receiving or bool(self._line)
        self._piece_bytes = len(data) + len(self._line)
        super().data_received(data)
        if self._is_receiving or self._is_idle:
            self._start_timer()
            if self._awaits_head and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(_TOO_LARGE)
        elif self._timer is not None:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._awaits_head = self._is_receiving = True
        self._head_bytes = self._piece_bytes
        self._bytes_before_timer = 0
        super().on_message_begin()
        self.scope["extensions"] = cast("Any", {ON_DISCONNECT: self._on_disconnect})

    def on_headers_complete(self) -> None:
        """Check the head as a whole, then go on."""
        self._awaits_head = False
        if self._head_bytes + _BYTES_PER_HEADER * len(self.headers) > MAX_HEAD_BYTES:
            self._weigh_head()
        # A dictionary is built faster than names are compared, and hardly any repeats.
        is_repeated = len(dict(self.headers)) < len(self.headers)
        if is_repeated and [name for name, _ in self.headers].count(b"host") > 1:
            raise ValueError("more than one Host header")
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Have the application answer through `WholeAnswers`."""

        def answered(scope: Any, receive: Any, _send: Any) -> Any:
            return app(scope, receive, WholeAnswers(cycle))

        super()._start_asgi_task(cycle, answered)

    def _weigh_head(self) -> None:
        size = len(self.url) + sum(len(n) + len(v) + _BYTES_PER_HEADER for n, v in self.headers)
        if size > MAX_HEAD_BYTES:
            self._refuse(_TOO_LARGE)
            raise HeadTooLargeError

    def on_message_complete(self) -> None:
        """Note that the request is here: what follows is the next one's head."""
        self._is_receiving = False
        self._awaits_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be parsed, unless it was refused already."""
        del msg
        self._refuse(_MALFORMED)

    def _on_disconnect(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` once when the connection is lost, unless what is returned was called."""
        if self.transport.is_closing():
            return self.loop.call_soon(callback).cancel
        if not self.pipeline:
            # Paused at 64 kB of a body, and only `receive` goes on: nobody would see the end.
            self.flow.resume_reading()
        self._gone = callback
        return partial(self._forget, callback)

    def _forget(self, callback: Callable[[], None]) -> None:
        if self._gone is callback:
            self._gone = None

    def _start_timer(self) -> None:
        if self._timer is None:
            self._bytes_before_timer = self._head_bytes
            self._timer = self.loop.call_later(self.receive_timeout_s, self._too_slow)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _is_idle(self) -> bool:
        """Whether no answer is under way."""
        # No cycle before the first head; uvicorn's annotation does not say so.
        return self.cycle is None or self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]

    def _too_slow(self) -> None:
        self._timer = None
        arrived = self._head_bytes - self._bytes_before_timer
        is_quick = arrived >= LEAST_BODY_BYTES_PER_S * self.receive_timeout_s
        # It comes as quickly as it should, or it is we who make it wait.
        if (is_quick and not self._awaits_head) or self.pipeline or self.flow.read_paused:
            self._start_timer()
        elif self._is_idle or not self.cycle.response_started:
            self._refuse(_TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, refusal: _Refusal) -> None:
        if not self.transport.is_closing():
            request_id = f"req_{new_id()}"
            log.info("refused", code=refusal.code, request_id=request_id)
            REQUESTS_REFUSED.add(refusal.code)
            self.transport.write(refusal.answer(request_id))
            self.transport.close()
