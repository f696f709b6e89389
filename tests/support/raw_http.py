"""Bytes as they are to a server and back, for requests that no HTTP client would send."""

import socket
from dataclasses import dataclass

import orjson

from tests.support.waiting import LONG_ENOUGH_S


@dataclass(frozen=True, slots=True)
class RawReply:
    """All that came back before the server closed."""

    data: bytes

    @property
    def status(self) -> int:
        """Status of the first response; 0 where there was none."""
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/1.1 ") else 0

    @property
    def responses(self) -> int:
        """How many responses there are."""
        return self.data.count(b"HTTP/1.1 ")

    @property
    def error(self) -> dict[str, object]:
        """OpenAI's error object in the body."""
        return orjson.loads(self.data.partition(b"\r\n\r\n")[2])["error"]


def exchange(port: int, *pieces: bytes, hang_up: bool = False) -> RawReply:
    """Send the pieces and return what the server says until it closes.

    `hang_up` closes our side first: a server that waits for more learns that there is none.
    """
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=LONG_ENOUGH_S) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65_536):
                received += block
        except (ConnectionResetError, BrokenPipeError):
            pass  # it has answered and did not want the rest
    return RawReply(bytes(received))


def head(method: str, path: str, **headers: str) -> bytes:
    """Return the head of a request; underscores in names stand for hyphens."""
    given = {"host": "127.0.0.1", "connection": "close", **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items()]
    return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("utf-8", "surrogateescape")
