"""One call on a connection of aiohttp's pool, with a head that was written beforehand.

`ClientSession.request` merges headers, cookies, credentials, proxies and redirects anew for every
call and writes the body in a task of its own: a fifth of a relayed answer's CPU, for a head of
which nothing changes but the length. Connections, names, TLS, parsing and back-pressure stay
aiohttp's; what a session does beside these, no call to Gemini or Qdrant uses.
"""

import asyncio
from collections.abc import Mapping

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

_UNFIT = frozenset("\r\n\0")
_FIRST_FINAL_STATUS = 200


class Post:
    """A POST to one URL with the same headers every time.

    Raises:
        ValueError: a header holds what would end it.
        aiohttp.ClientConnectionError: the session is closed.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str]
    ) -> None:
        if session.connector is None:
            raise aiohttp.ClientConnectionError("The session is closed.")
        self._connector = session.connector
        self._timeout = session.timeout
        # Never sent: the pool asks it where to connect to.
        self._asked = aiohttp.ClientRequest(
            "POST",
            url,
            headers=headers,
            skip_auto_headers=session.skip_auto_headers,
            loop=asyncio.get_running_loop(),
            session=session,
        )
        lines = [f"POST {url.raw_path_qs} HTTP/1.1"]
        lines += [f"{k}: {v}" for k, v in self._asked.headers.items() if k != "Content-Length"]
        if any(_UNFIT.intersection(line) for line in lines):
            raise ValueError("a header holds the end of a line")
        self._head = "\r\n".join(lines).encode() + b"\r\nContent-Length: "

    async def send(self, body: bytes) -> "Exchange":
        """Send `body` and return the response once its head is there; the caller closes it.

        Raises:
            aiohttp.ClientError, OSError: there is no connection, or it broke.
        """
        connection = await self._connector.connect(self._asked, [], self._timeout)
        try:
            protocol = self._write(connection, body)
            return Exchange(connection, *await self._answer(protocol))
        except BaseException:
            connection.close()
            raise

    def _write(self, connection: Connection, body: bytes) -> ResponseHandler:
        """Send the request and return what reads the response."""
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None:  # pragma: no cover - lost as it was made
            raise aiohttp.ServerDisconnectedError
        protocol.set_response_params(read_until_eof=True, auto_decompress=False)
        transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        return protocol

    async def _answer(self, protocol: ResponseHandler) -> tuple[int, aiohttp.StreamReader]:
        """Return status and body, past any informational responses."""
        try:
            message, content = await protocol.read()
            while message.code < _FIRST_FINAL_STATUS:
                message, content = await protocol.read()
        except HttpProcessingError as exc:
            raise aiohttp.ClientResponseError(
                self._asked.request_info, (), status=exc.code, message=exc.message
            ) from exc
        return message.code, content


async def read_body(content: aiohttp.StreamReader, limit_bytes: int) -> bytes:
    """Return a body, or more of it than `limit_bytes` but not all.

    Raises:
        aiohttp.ClientError, OSError: it broke off.
    """
    body = await content.readany()  # nearly always all of it
    if content.at_eof():
        return body
    pieces = [body]
    size = len(body)
    while size <= limit_bytes and (piece := await content.readany()):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


class Exchange:
    """A response that is being read; its connection goes back to the pool with the body's end."""

    __slots__ = ("_connection", "content", "status")

    def __init__(self, connection: Connection, status: int, content: aiohttp.StreamReader) -> None:
        self._connection = connection
        self.status = status
        self.content = content
        content.on_eof(connection.release)

    def close(self) -> None:
        """End it; a connection whose response was not read to its end is closed."""
        self._connection.close()
