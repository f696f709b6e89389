"""HTTP/1.1 by hand, so that a fake server can break it at any byte.

Called by `gemini_server.py` and by the replies, which write through `Wire`.
"""

import asyncio
import contextlib
import http
import socket
import struct
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

_HEAD_LIMIT_BYTES = 256 * 1024


class HungUp(Exception):
    """The script ended the connection."""


class PeerGone(ConnectionError):
    """The client ended the connection."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it came."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


def new_reader() -> asyncio.StreamReader:
    """Return a reader for `read_request`."""
    return asyncio.StreamReader(limit=_HEAD_LIMIT_BYTES)


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """Read one request with its body; None when the peer closed instead of sending one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await _read_body(reader, headers)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return HttpRequest(method, target, headers, body)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", ""):
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return bytes(body)


class Wire:
    """The answering side of one exchange; every write stops at once when the client is gone."""

    def __init__(self, writer: asyncio.StreamWriter, peer_gone: asyncio.Event) -> None:
        self._writer = writer
        self._peer_gone = peer_gone
        self._is_chunked = False
        self.bytes_sent = 0
        """Bytes of body, without framing, that the client's side has taken off our hands."""

    async def start(
        self, status: int, headers: Mapping[str, str], *, length_bytes: int | None
    ) -> None:
        """Send status and headers; a body without a length goes out chunked."""
        self._is_chunked = length_bytes is None
        framing = (
            "transfer-encoding: chunked"
            if length_bytes is None
            else f"content-length: {length_bytes}"
        )
        lines = [
            f"HTTP/1.1 {status} {_phrase(status)}",
            *(f"{name}: {value}" for name, value in headers.items()),
            framing,
        ]
        await self.write_raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def write(self, data: bytes) -> None:
        """Send a piece of the body, as one HTTP chunk where the body is chunked."""
        if data:
            framed = b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data
            await self.write_raw(framed)
            self.bytes_sent += len(data)

    async def finish(self) -> None:
        """End the body."""
        if self._is_chunked:
            await self.write_raw(b"0\r\n\r\n")

    async def write_raw(self, data: bytes) -> None:
        """Send bytes as they are; returns when the kernel has them all.

        Raises:
            PeerGone: the client has closed.
        """
        if self._peer_gone.is_set():
            raise PeerGone
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size():
            await self.unless_gone(self._writer.drain())
        else:
            await asyncio.sleep(0)  # a script without end must let the client run, and be gone

    async def unless_gone(self, awaitable: Awaitable[object]) -> None:
        """Await something, but only for as long as the client is there.

        Raises:
            PeerGone: the client has closed.
        """
        wanted = asyncio.ensure_future(awaitable)
        gone = asyncio.ensure_future(self._peer_gone.wait())
        try:
            await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise PeerGone
            wanted.result()
        finally:
            for task in (wanted, gone):
                task.cancel()
            # Else a drain that failed with the connection is an exception nobody retrieved.
            await asyncio.gather(wanted, gone, return_exceptions=True)

    async def until_gone(self) -> None:
        """Do nothing until the client closes, then raise `PeerGone`."""
        await self._peer_gone.wait()
        raise PeerGone

    def reset(self) -> None:
        """End the connection with an RST, what is not yet sent is lost; raises `HungUp`."""
        sock: socket.socket | None = self._writer.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):  # the client was quicker
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise HungUp

    def close(self) -> None:
        """End the connection with a FIN after what was sent; raises `HungUp`."""
        self._writer.close()
        raise HungUp


def _phrase(status: int) -> str:
    return next((known.phrase for known in http.HTTPStatus if known == status), "Unknown")
