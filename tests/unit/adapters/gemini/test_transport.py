"""Gemini over a real socket: what is sent, how connections are used, what is never waited for."""

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from proxy.adapters.gemini.transport import MAX_BODY_BYTES, GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import (
    ModelNotFound,
    ProxyError,
    RateLimited,
    UpstreamAuthError,
    UpstreamInvalidResponse,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from tests.support import gemini_errors as errors
from tests.support.gemini_client import KEY, MODEL, gemini_settings, open_session, open_transport
from tests.support.gemini_replies import (
    After,
    Body,
    Pause,
    Stall,
    Stream,
    Text,
    html,
    json_body,
)
from tests.support.gemini_server import BAD_KEY, FakeGemini
from tests.support.journal import Gate
from tests.support.waiting import ample_time

BODY = b'{"contents": []}'


async def call(transport: GeminiTransport, deadline: Deadline | None = None) -> dict[str, Any]:
    return await transport.call(MODEL, "generateContent", BODY, deadline or ample_time())


async def stream(
    transport: GeminiTransport, deadline: Deadline | None = None
) -> list[dict[str, Any]]:
    batches = transport.stream(MODEL, BODY, deadline or ample_time())
    return [response async for batch in batches for response in batch]


async def test_what_is_sent(transport: GeminiTransport, fake_gemini: FakeGemini) -> None:
    await call(transport)
    await stream(transport)
    await transport.check(ample_time())
    unary, streamed, listed = fake_gemini.requests
    assert (unary.method, unary.path) == ("POST", f"/v1beta/models/{MODEL}:generateContent")
    assert streamed.path == f"/v1beta/models/{MODEL}:streamGenerateContent"
    assert (unary.query, streamed.query) == ({}, {"alt": "sse"})
    assert unary.body == streamed.body == BODY
    assert unary.headers["x-goog-api-key"] == KEY
    assert unary.headers["content-type"] == "application/json"
    # Compressed, an event would wait for the ones behind it.
    assert streamed.headers["accept-encoding"] == "identity"
    assert (listed.method, listed.operation, listed.query) == (
        "GET",
        "listModels",
        {"pageSize": "1"},
    )


async def test_calls_share_a_connection(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    for _ in range(3):
        await call(transport)
        await stream(transport)
    fake_gemini.reply(errors.context_too_long())
    with pytest.raises(ProxyError):
        await call(transport)
    await call(transport)
    assert {request.connection_id for request in fake_gemini.requests} == {1}


async def test_responses_come_as_they_are_sent(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    gate = Gate()
    fake_gemini.reply(Stream(["one", gate, "two"]))
    batches = transport.stream(MODEL, BODY, ample_time())
    first = await anext(batches)
    assert [r["candidates"][0]["content"]["parts"] for r in first] == [[{"text": "one"}]]
    gate.open()
    assert len([response async for batch in batches for response in batch]) == 1


@pytest.mark.parametrize("base_path", ["", "/gateway"])
async def test_the_base_url_may_have_a_path(fake_gemini: FakeGemini, base_path: str) -> None:
    async with open_session() as session:
        settings = gemini_settings(f"{fake_gemini.url}{base_path}/")
        with_path = GeminiTransport(session, settings)
        if base_path:
            fake_gemini.reply_by(lambda _request: json_body({"ok": 1}))
        await call(with_path)
    assert fake_gemini.requests[0].path == f"{base_path}/v1beta/models/{MODEL}:generateContent"


async def test_a_refused_key_is_found_by_the_check(fake_gemini: FakeGemini) -> None:
    async with open_transport(fake_gemini, GEMINI_API_KEY=BAD_KEY) as transport:
        with pytest.raises(UpstreamAuthError):
            await transport.check(ample_time())
    async with open_session() as session:
        keyless = GeminiTransport(session, gemini_settings(fake_gemini.url, GEMINI_API_KEY=None))
        with pytest.raises(UpstreamAuthError):
            await keyless.check(ample_time())


async def test_an_error_in_many_segments_is_read_whole(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    padding = {"details": [{"padding": "x" * 20_000, "retryDelay": "7s"}]}
    body = orjson.dumps({"error": {"code": 429, "message": "", **padding}})

    class Halves:
        async def play(self, wire: Any, _request: Any) -> None:
            await wire.start(429, {}, length_bytes=len(body))
            await wire.write(body[:100])
            await Pause(0.02).wait()
            await wire.write(body[100:])

    fake_gemini.reply(Halves())
    with pytest.raises(RateLimited) as failure:
        await call(transport)
    assert failure.value.retry_after_s == 7


async def test_an_endless_error_is_not_read_to_its_end(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Body(b"x" * 3_000_000, 401), Text("fine"))
    with pytest.raises(UpstreamAuthError):
        await call(transport)
    assert fake_gemini.exchanges[0].bytes_sent <= 3_000_000
    await call(transport)


async def test_an_answer_beyond_all_measure_is_an_error(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Body(b" " * (MAX_BODY_BYTES + 200_000)))
    with pytest.raises(UpstreamInvalidResponse):
        await call(transport)


@pytest.mark.parametrize(
    "reply",
    [html(), Body(b"private words"), Body(b"[]"), Body(b"null"), Body(b""), Body(b'{"a": NaN}')],
)
async def test_a_whole_answer_that_is_no_object_is_an_error(
    transport: GeminiTransport, fake_gemini: FakeGemini, reply: Body
) -> None:
    fake_gemini.reply(reply)
    with pytest.raises(UpstreamInvalidResponse) as failure:
        await call(transport)
    assert "private" not in failure.value.message
    assert len(fake_gemini.requests) == 1


async def test_a_redirect_is_not_followed(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Body(b"", 302, {"location": "http://127.0.0.1:9/steal-the-key"}))
    with pytest.raises(UpstreamInvalidResponse):
        await call(transport)


@pytest.mark.virtual_time
async def test_the_first_event_has_one_limit_however_busy_the_silence(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Stream((b": ping\r\n\r\n" for _ in range(100)), gap_s=7))
    clock = asyncio.get_running_loop().time
    began_s = clock()
    with pytest.raises(UpstreamTimeout):
        await stream(transport)
    limit_s = gemini_settings(fake_gemini.url).first_token_timeout_s
    assert clock() - began_s == pytest.approx(limit_s)
    await fake_gemini.wait_for_peer_closed()
    assert len(fake_gemini.requests) == 1


@pytest.mark.virtual_time
async def test_a_whole_answer_may_take_longer_than_a_first_event(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    limit_s = gemini_settings(fake_gemini.url).first_token_timeout_s
    fake_gemini.reply(After(Pause(2 * limit_s), Text("late but whole")))
    assert (await call(transport))["candidates"]


@pytest.mark.virtual_time
@pytest.mark.parametrize("kind", [call, stream])
async def test_the_deadline_ends_a_call(
    transport: GeminiTransport, fake_gemini: FakeGemini, kind: Any
) -> None:
    fake_gemini.reply(Stall())
    with pytest.raises(UpstreamTimeout):
        await kind(transport, Deadline.after(50))
    assert 0 < asyncio.get_running_loop().time() <= 50
    await fake_gemini.wait_for_peer_closed()


@pytest.mark.parametrize("kind", [call, stream])
async def test_after_the_deadline_the_upstream_is_not_asked(
    transport: GeminiTransport, fake_gemini: FakeGemini, kind: Any
) -> None:
    with pytest.raises(UpstreamTimeout):
        await kind(transport, Deadline.after(-1))
    assert fake_gemini.requests == []


@pytest.mark.virtual_time
async def test_a_slow_stream_is_left_to_finish(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    limit_s = gemini_settings(fake_gemini.url).idle_timeout_s
    fake_gemini.reply(Stream(["word "] * 6, gap_s=0.9 * limit_s))
    assert len(await stream(transport)) == 6


async def test_as_many_models_as_clients_can_name_are_called(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    names = [f"gemini-unknown-{i}" for i in range(300)]
    for name in [*names, names[0]]:
        with pytest.raises(ModelNotFound):
            await transport.call(name, "generateContent", BODY, ample_time())
    paths = [request.path for request in fake_gemini.requests]
    assert paths == [f"/v1beta/models/{name}:generateContent" for name in [*names, names[0]]]


@pytest.mark.virtual_time
async def test_nobody_listening_is_unreachable_at_once(free_port: int) -> None:
    async with open_session() as session:
        transport = GeminiTransport(session, gemini_settings(f"http://127.0.0.1:{free_port}"))
        with pytest.raises(UpstreamUnreachable) as failure:
            await call(transport)
    assert failure.value.code == "upstream_unreachable"
    assert asyncio.get_running_loop().time() < 1


async def test_a_server_that_does_not_speak_tls_is_said_to_be_one() -> None:
    async def answer_in_the_clear(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer_in_the_clear, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, open_session() as session:
        transport = GeminiTransport(session, gemini_settings(f"https://{host}:{port}"))
        with pytest.raises(UpstreamUnreachable) as failure:
            await call(transport)
    assert failure.value.code == "upstream_tls"


class NowhereResolver(AbstractResolver):
    """Knows no name."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        """Fail."""
        raise OSError(f"no such host {host}:{port} in {family}")

    async def close(self) -> None:
        """Close nothing."""


async def test_a_name_that_does_not_exist_is_said_to_be_one() -> None:
    async with open_session(resolver=NowhereResolver()) as session:
        transport = GeminiTransport(session, gemini_settings("http://gemini.invalid"))
        with pytest.raises(UpstreamUnreachable) as failure:
            await call(transport)
    assert failure.value.code == "upstream_dns"
    assert isinstance(failure.value.__cause__, aiohttp.ClientConnectorDNSError)
