"""An answer that leaves in one write is, to a client, what uvicorn would have made of it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.in_process import serve_app
from tests.support.waiting import LONG_ENOUGH_S

GET = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
PLAIN = [(b"content-type", b"text/plain"), (b"content-length", b"4")]


def answering(*messages: Message) -> ASGIApp:
    """Return an application that answers with these messages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for message in messages:
                await send(message)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    return app


def start(headers: list[tuple[bytes, bytes]], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


@contextlib.asynccontextmanager
async def connected(
    *messages: Message,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with serve_app(answering(*messages)) as served, asyncio.timeout(LONG_ENOUGH_S):
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with contextlib.closing(writer):
            yield reader, writer


async def head_of(reader: asyncio.StreamReader) -> list[bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    return [line for line in head.split(b"\r\n") if not line.startswith(b"date: ")][:-2]


async def test_a_whole_answer_says_what_it_was_given() -> None:
    async with connected(start(PLAIN, 201), body(b"well")) as (reader, writer):
        for _ in range(2):  # on one connection
            writer.write(GET)
            assert await head_of(reader) == [
                b"HTTP/1.1 201 Created",
                b"content-type: text/plain",
                b"content-length: 4",
            ]
            assert await reader.readexactly(4) == b"well"


async def test_requests_that_came_together_are_answered_one_after_the_other() -> None:
    async with connected(start(PLAIN), body(b"well")) as (reader, writer):
        writer.write(GET * 3)
        for _ in range(3):
            await head_of(reader)
            assert await reader.readexactly(4) == b"well"


async def test_a_body_in_pieces_follows_its_head() -> None:
    pieces = [start(PLAIN), body(b"we", more=True), body(b"ll")]
    async with connected(*pieces) as (reader, writer):
        writer.write(GET)
        assert b"content-length: 4" in await head_of(reader)
        assert await reader.readexactly(4) == b"well"


async def test_a_body_of_unknown_length_is_chunked() -> None:
    async with connected(start(PLAIN[:1]), body(b"well")) as (reader, writer):
        writer.write(GET)
        assert b"transfer-encoding: chunked" in await head_of(reader)
        assert await reader.readuntil(b"0\r\n\r\n") == b"4\r\nwell\r\n0\r\n\r\n"


async def test_a_head_alone_is_what_was_asked_for() -> None:
    async with connected(start(PLAIN), body(b"well")) as (reader, writer):
        writer.write(GET.replace(b"GET", b"HEAD") + GET)
        assert b"content-length: 4" in await head_of(reader)
        assert (await head_of(reader))[0] == b"HTTP/1.1 200 OK"  # the next answer, no body


@pytest.mark.parametrize("wish", ["clients", "applications"])
async def test_a_connection_that_is_to_be_closed_is_closed(wish: str) -> None:
    headers = [*PLAIN, (b"connection", b"close")] if wish == "applications" else PLAIN
    closing = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with connected(start(headers), body(b"well")) as (reader, writer):
        writer.write(closing if wish == "clients" else GET)
        head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
        assert (head.count(b"connection: close"), rest) == (1, b"well")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"\0"])
async def test_a_value_that_would_end_its_line_never_leaves(
    value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [*PLAIN, (b"x-told", value)]
    async with connected(start(headers), body(b"well")) as (reader, writer):
        writer.write(GET)
        assert b"x-told" not in await reader.read()
    assert "Invalid HTTP header value" in caplog.text


@pytest.mark.parametrize(("length", "said"), [(b"3", "longer"), (b"5", "shorter")])
async def test_a_body_of_another_length_than_was_said_is_an_error(
    length: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(start([(b"content-length", length)]), body(b"well")) as (reader, writer):
        writer.write(GET)
        await reader.read()
    assert f"{said} than Content-Length" in caplog.text


async def test_an_answer_that_is_answered_is_not_answered_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    twice = [start(PLAIN), body(b"well")] * 2
    async with connected(*twice) as (reader, writer):
        writer.write(GET)
        await head_of(reader)
        assert await reader.read() == b"well"
    assert "after response already completed" in caplog.text


async def test_what_was_held_goes_before_a_whole_answer() -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await answering()(scope, receive, send)
            return
        await receive()  # uvicorn answers `100 Continue`, which begins like a head
        await send(start(PLAIN))
        await send(body(b"four"))

    async with serve_app(reads) as served, asyncio.timeout(LONG_ENOUGH_S):
        host, port = served.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with contextlib.closing(writer):
            head = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n"
            writer.write(head + b"\r\n{}")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 100 ")
            assert (await reader.readuntil(b"four")).startswith(b"\r\nHTTP/1.1 200 ")
