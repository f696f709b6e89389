"""A call with a prepared head, over a real socket: what goes out, what comes back, what is kept."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Self

import aiohttp
import pytest
from yarl import URL

from proxy.adapters.exchange import Exchange, Post
from tests.support.gemini_client import open_session
from tests.support.waiting import LONG_ENOUGH_S

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
HEADERS = {"content-type": "application/json", "x-key": "k"}


class Scripted:
    """A server that answers every request with the next of `replies` and notes what it was sent.

    None closes the connection instead.
    """

    def __init__(self, *replies: bytes | None) -> None:
        self._replies = list(replies)
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        """Set when a client has closed a connection."""
        self.port = 0

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.close()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Close the last connection."""
        self._last.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._last = writer
        with contextlib.closing(writer):
            while True:
                try:
                    head = await reader.readuntil(b"\r\n\r\n")
                except (asyncio.IncompleteReadError, ConnectionResetError):
                    self.closed.set()
                    return
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                if (reply := self._replies.pop(0)) is None:
                    return
                writer.write(reply)


@contextlib.asynccontextmanager
async def posting(server: Scripted, headers: Mapping[str, str] = HEADERS) -> AsyncGenerator[Post]:
    async with open_session() as session, asyncio.timeout(LONG_ENOUGH_S):
        yield Post(session, URL(f"http://127.0.0.1:{server.port}/v1/models/m:do?alt=sse"), headers)


async def whole(exchange: Exchange) -> bytes:
    body = await exchange.content.read()
    exchange.close()
    return body


async def test_head_and_body_are_sent_as_they_were_given() -> None:
    async with Scripted(OK) as server, posting(server) as post:
        exchange = await post.send(b'{"a": 1}')
        assert (exchange.status, await whole(exchange)) == (200, b"{}")
    line, *rest = server.requests[0].split(b"\r\n")
    assert line == b"POST /v1/models/m:do?alt=sse HTTP/1.1"
    assert rest[-2:] == [b"", b'{"a": 1}']
    sent = [header.lower() for header in rest[:-2]]
    assert f"host: 127.0.0.1:{server.port}".encode() in sent
    assert {b"content-type: application/json", b"x-key: k"} < set(sent)
    assert [header for header in sent if header.startswith(b"content-length")] == [
        b"content-length: 8"
    ]


async def test_a_connection_read_to_the_end_is_used_again() -> None:
    async with Scripted(OK, OK, OK) as server, posting(server) as post:
        for _ in range(3):
            assert await whole(await post.send(b"{}")) == b"{}"
        assert server.connections == 1


async def test_a_connection_given_up_in_the_midst_is_closed() -> None:
    begun = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"
    async with Scripted(begun) as server, posting(server) as post:
        exchange = await post.send(b"{}")
        assert await exchange.content.readany() == b"{"
        exchange.close()
        await server.closed.wait()


async def test_whoever_stops_waiting_closes_the_connection() -> None:
    async with Scripted(b"") as server, posting(server) as post:
        waiting = asyncio.create_task(post.send(b"{}"))
        await server.asked.wait()
        waiting.cancel()
        await server.closed.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_what_is_said_before_the_answer_is_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    async with Scripted(hints + hints + OK) as server, posting(server) as post:
        exchange = await post.send(b"{}")
        assert (exchange.status, await whole(exchange)) == (200, b"{}")


async def test_an_answer_without_a_body_gives_its_connection_back_at_once() -> None:
    empty = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
    async with Scripted(empty, OK) as server, posting(server) as post:
        refused = await post.send(b"{}")
        assert refused.status == 503
        assert await whole(await post.send(b"{}")) == b"{}"
        refused.close()  # of a connection that another has by now
        assert server.connections == 1


async def test_a_connection_the_server_wants_closed_is_not_used_again() -> None:
    last = OK.replace(b"content-length", b"connection: close\r\ncontent-length")
    async with Scripted(last, OK) as server, posting(server) as post:
        for _ in range(2):
            assert await whole(await post.send(b"{}")) == b"{}"
        assert server.connections == 2


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (None, aiohttp.ServerDisconnectedError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", aiohttp.ClientResponseError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", aiohttp.ClientResponseError),
    ],
)
async def test_what_is_no_answer_is_an_error_of_the_client(
    reply: bytes | None, failure: type[aiohttp.ClientError]
) -> None:
    async with Scripted(reply) as server, posting(server) as post:
        with pytest.raises(failure):
            await post.send(b"{}")


async def test_a_body_that_breaks_off_is_an_error_of_its_reader() -> None:
    async with (
        Scripted(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}") as server,
        posting(server) as post,
    ):
        exchange = await post.send(b"{}")
        server.hang_up()
        with pytest.raises(aiohttp.ClientPayloadError):
            await whole(exchange)
        exchange.close()


async def test_a_body_longer_than_the_socket_takes_at_once_arrives_whole() -> None:
    body = b"x" * 5_000_000
    async with Scripted(OK) as server, posting(server) as post:
        assert await whole(await post.send(body)) == b"{}"
        assert server.requests[0].endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize("value", ["k\r\nhost: elsewhere", "k\n", "k\0"])
async def test_a_header_that_would_end_its_line_is_refused(value: str) -> None:
    async with open_session() as session:
        with pytest.raises(ValueError, match="end of a line"):
            Post(session, URL("http://127.0.0.1:1/"), {"x-key": value})


async def test_a_closed_session_sends_nothing() -> None:
    async with open_session() as session:
        pass
    with pytest.raises(aiohttp.ClientConnectionError):
        Post(session, URL("http://127.0.0.1:1/"), HEADERS)
