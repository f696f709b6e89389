"""Heads are bounded on every request of a connection; requests have a time to arrive."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from proxy.api.connection import ON_DISCONNECT
from proxy.serving.bounded_http import (
    LEAST_BODY_BYTES_PER_S,
    MAX_HEAD_BYTES,
    BoundedHttpProtocol,
)
from proxy.serving.server import server_config
from proxy.settings import ServerSettings
from tests.support.in_process import serve_app
from tests.support.waiting import LONG_ENOUGH_S

GET = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n"


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("well")(scope, receive, send)
        return
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


@contextlib.asynccontextmanager
async def _connected(
    app: ASGIApp | None = None,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with serve_app(app or _app) as served:
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.close()


async def test_the_second_head_of_a_connection_is_bounded_too() -> None:
    async with _connected() as (reader, writer):
        writer.write(GET + b"x: " + b"a" * (MAX_HEAD_BYTES - 2_000) + b"\r\n\r\n")
        assert b"well" in await reader.readuntil(b"well")
        writer.write(GET + b"x: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_never_ends_is_refused_as_soon_as_it_is_too_long() -> None:
    async with _connected() as (reader, writer):
        writer.write(GET + b"x: ")
        for _ in range(MAX_HEAD_BYTES // 1_024 + 2):
            writer.write(b"a" * 1_024)
        async with asyncio.timeout(LONG_ENOUGH_S):
            with contextlib.suppress(ConnectionResetError):
                assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_many_empty_headers_count() -> None:
    async with _connected() as (reader, writer):
        writer.write(GET + b"".join(b"x%d:\r\n" % i for i in range(3_000)) + b"\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_the_tail_of_a_body_is_no_part_of_the_next_head() -> None:
    body = b"b" * 3 * MAX_HEAD_BYTES
    head = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n" % len(body)
    async with _connected() as (reader, writer):
        for _ in range(2):
            writer.write(head + body)
            assert b"200 OK" in await reader.readuntil(b"well")


OFFER = (
    b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: 13\r\n\r\n"
)
QUESTION = b"upgrade: no\r\n"
"""Of a body nothing is changed or kept back."""


async def test_every_request_of_a_connection_may_offer_another_protocol() -> None:
    async with _connected(_echo) as (reader, writer):
        for _ in range(3):
            writer.write(OFFER + QUESTION)
            async with asyncio.timeout(LONG_ENOUGH_S):
                assert b"200 OK" in await reader.readuntil(QUESTION)


@pytest.mark.parametrize("size", [1, 2, 7, 90])
async def test_an_offer_is_ignored_in_however_small_pieces_it_comes(size: int) -> None:
    sent = OFFER + QUESTION
    assert await _answer_to([sent[at : at + size] for at in range(0, len(sent), size)]) == QUESTION


@pytest.mark.parametrize("at", range(len(OFFER)))
async def test_an_offer_is_ignored_wherever_it_is_cut(at: int) -> None:
    assert await _answer_to([OFFER[:at], OFFER[at:] + QUESTION]) == QUESTION


@dataclass
class _Wire(asyncio.Transport):
    """Keeps what is written: pieces that a socket would join stay apart on the way in."""

    written: bytes = b""
    has_answered: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        if self.written.endswith(QUESTION):
            self.has_answered.set()

    def get_extra_info(self, name: str, default: object = None) -> object:
        del name
        return default

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


async def _answer_to(pieces: list[bytes]) -> bytes:
    """Return the body of the answer of `_echo` to a request that comes in these pieces."""
    config = server_config(_echo, ServerSettings.model_validate({}))
    wire, protocol = _Wire(), BoundedHttpProtocol(config, ServerState(), {})
    protocol.connection_made(wire)
    for piece in pieces:
        protocol.data_received(piece)
    async with asyncio.timeout(LONG_ENOUGH_S):
        await wire.has_answered.wait()
    protocol.connection_lost(None)
    return wire.written.partition(b"\r\n\r\n")[2]


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _app(scope, receive, send)
        return
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


class _Impatient(BoundedHttpProtocol):
    receive_timeout_s = 0.05


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", GET, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{"],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_a_request_that_does_not_arrive_is_given_up(begun: bytes) -> None:
    async with serve_app(_reading_app, http=_Impatient) as served:
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(begun)
        async with asyncio.timeout(LONG_ENOUGH_S):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"\r\nx-request-id: req_" in answer
        assert b'"code":"request_timeout"' in answer
        writer.close()


class _Patient(BoundedHttpProtocol):
    receive_timeout_s = 0.5


@pytest.mark.virtual_time
async def test_a_body_that_keeps_coming_may_take_longer() -> None:
    pieces = [bytes(LEAST_BODY_BYTES_PER_S)] * 16
    head = f"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {sum(map(len, pieces))}\r\n\r\n"
    async with serve_app(_reading_app, http=_Patient) as served:
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        writer.write(head.encode())
        for piece in pieces:
            writer.write(piece)
            pause = loop.create_future()
            loop.call_later(_Patient.receive_timeout_s / 8, pause.set_result, None)
            await pause
        async with asyncio.timeout(LONG_ENOUGH_S):
            assert (await reader.read(12)) == b"HTTP/1.1 200"
        assert loop.time() - begun_s > _Patient.receive_timeout_s
        writer.close()


@pytest.mark.virtual_time
async def test_a_request_that_arrived_may_take_its_time() -> None:
    async with serve_app(_slow_app, http=_Impatient) as served:
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(2):
            writer.write(GET + b"\r\n")
            async with asyncio.timeout(LONG_ENOUGH_S):
                assert b"200 OK" in await reader.readuntil(b"late")
        writer.close()


class _Strict(BoundedHttpProtocol):
    write_stall_timeout_s = 0.2


async def test_a_client_that_stops_reading_is_given_up() -> None:
    gone = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _app(scope, receive, send)
            return
        scope["extensions"][ON_DISCONNECT](gone.set)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.is_set():
            await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})

    async with serve_app(endless, http=_Strict) as served:
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1_024)
        writer.write(GET + b"\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        async with asyncio.timeout(LONG_ENOUGH_S):
            await gone.wait()
        writer.transport.abort()


@pytest.mark.virtual_time
async def test_a_client_that_reads_slowly_is_not() -> None:
    size = 24 * 1024 * 1024

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _app(scope, receive, send)
        else:
            await PlainTextResponse(b"x" * size)(scope, receive, send)

    async with serve_app(large, http=_Strict) as served:
        host, port = served.url.removeprefix("http://").split(":")
        loop = asyncio.get_running_loop()
        connection = socket.socket()
        # A large window is announced anew only once much of it was read.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, int(port)))
        reader, writer = await asyncio.open_connection(sock=connection, limit=65_536)
        writer.write(GET + b"connection: close\r\n\r\n")
        begun_s, read = loop.time(), 0
        while data := await reader.read(512 * 1024):
            read += len(data)
            due_s = begun_s + 3 * _Strict.write_stall_timeout_s * min(1.0, read / size)
            if due_s > loop.time() + _Strict.write_stall_timeout_s / 4:
                pause = loop.create_future()
                loop.call_at(due_s, pause.set_result, None)
                await pause
        assert read > size
        assert loop.time() - begun_s > 2 * _Strict.write_stall_timeout_s
        writer.close()


async def _reading_app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _app(scope, receive, send)
        return
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("read")(scope, receive, send)


async def _slow_app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _app(scope, receive, send)
        return
    later = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(3 * _Impatient.receive_timeout_s, later.set_result, None)
    await later
    await PlainTextResponse("late")(scope, receive, send)
