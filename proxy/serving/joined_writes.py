"""The head of an answer leaves with what follows it.

uvicorn writes the two apart and uvloop sends every write at once: two system calls, and two
awakenings of the client, for one answer.
"""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_STATUS_LINE = b"HTTP/1.1 "
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset({b"connection", b"transfer-encoding"})
"""Headers that decide how an answer ends."""
_LENGTH = b"content-length"


class WholeAnswers:
    """The ASGI `send` of one request: what is known as a whole is written as a whole.

    uvicorn searches every name and every value of a head by themselves, which is dear for a small
    answer. What is not as plain as that goes uvicorn's own way, and so does what is wrong: it knows
    what to say of it.
    """

    __slots__ = ("_cycle", "_start")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._start: Message | None = None

    async def __call__(self, message: Any) -> None:
        """Send, or hold a head that says how long the body will be."""
        start = self._start
        if start is None:
            if message["type"] == "http.response.start" and _LENGTH in dict(message["headers"]):
                self._start = message
            else:
                await self._cycle.send(message)
            return
        self._start = None
        if not self._write(start, message):
            await self._cycle.send(start)  # type: ignore[arg-type]
            await self._cycle.send(message)

    def _write(self, start: Message, message: Message) -> bool:
        """Write the answer, unless it is not one that can be written here."""
        cycle = self._cycle
        body: bytes = message.get("body", b"")
        headers: list[tuple[bytes, bytes]] = [*cycle.default_headers, *start["headers"]]
        given = dict(headers)
        if (
            message.get("more_body")
            or message["type"] != "http.response.body"
            or cycle.response_started
            or cycle.disconnected
            or cycle.flow.write_paused
            or not cycle.keep_alive
            or cycle.scope["method"] == "HEAD"
            or given[_LENGTH] != b"%d" % len(body)
            or not _FRAMING.isdisjoint(given)
        ):
            return False
        lines = [b"%b: %b" % header for header in headers]
        if _CONTROL.search(b"".join(lines)):
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        head = STATUS_LINE[start["status"]] + b"\r\n".join(lines) + b"\r\n\r\n"
        cycle.transport.writelines((head, body))
        cycle.on_response()
        return True


class HeldHeads:
    """A transport that holds what begins like a head until more comes: that of a stream, mostly.

    A head that nothing follows, such as `100 Continue`, leaves with the loop's next turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self.is_closing = transport.is_closing

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

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Send, behind what is held."""
        self._flush()
        self._transport.writelines(pieces)

    def close(self) -> None:
        """Close once everything is sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            if not self._transport.is_closing():
                self._transport.write(data)
