"""A client that goes away ends the upstream call at once, in every phase."""

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.gemini_replies import After, Reply, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy

GENERATE = "generateContent"
STREAM = "streamGenerateContent"


async def _post(
    server: BookProxy, path: str, body: Mapping[str, Any]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(data)}\r\n\r\n"
    )
    writer.write(head.encode() + data)
    await writer.drain()
    return reader, writer


def _chat(*, stream: bool, model: str = "gpt-4o:no-rag") -> dict[str, Any]:
    messages = [{"role": "user", "content": "When does the Quillon pump start?"}]
    return {"model": model, "messages": messages, "stream": stream}


PHASES: Mapping[str, tuple[Callable[[Gate], Reply], bool, bytes]] = {
    "before the headers of a JSON answer": (lambda gate: After(gate, Text("late")), False, b""),
    "before the first token of a stream": (lambda gate: Stream([gate, "late"]), True, b""),
    "in the middle of a stream": (lambda gate: Stream(["one ", gate, "two"]), True, b"one "),
}


@pytest.mark.parametrize("abrupt", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("phase", PHASES)
async def test_an_abandoned_chat_ends_the_upstream_call(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, phase: str, *, abrupt: bool
) -> None:
    make, is_stream, seen = PHASES[phase]
    gate = Gate()
    threaded_gemini.reply(make(gate))
    reader, writer = await _post(gemini_server, "/v1/chat/completions", _chat(stream=is_stream))
    await gate.wait_until_reached()
    if seen:
        await reader.readuntil(seen)
    if abrupt:
        writer.transport.abort()
    else:
        writer.close()
    await threaded_gemini.wait_for_peer_closed()
    assert len(threaded_gemini.generating_requests) == 1


@pytest.mark.parametrize("size", [200_000, 3_000_000])
@pytest.mark.parametrize("is_stream", [False, True], ids=["JSON", "stream"])
async def test_a_large_question_is_abandoned_as_a_small_one(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, size: int, *, is_stream: bool
) -> None:
    gate = Gate()
    threaded_gemini.reply(After(gate, Text("never")))
    chat = _chat(stream=is_stream)
    chat["messages"][0]["content"] = "x" * size
    _, writer = await _post(gemini_server, "/v1/chat/completions", chat)
    await gate.wait_until_reached()
    writer.close()
    await threaded_gemini.wait_for_peer_closed()


async def test_an_abandoned_embedding_ends_the_upstream_call(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply_to_embedding(After(gate, Text("never")))
    body = {"model": "text-embedding-3-small", "input": "a pump"}
    _, writer = await _post(gemini_server, "/v1/embeddings", body)
    await gate.wait_until_reached()
    writer.close()
    await threaded_gemini.wait_for_peer_closed()


async def test_a_client_gone_during_retrieval_is_not_answered(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply_to_embedding(After(gate, Text("never")))
    _, writer = await _post(
        gemini_server, "/v1/chat/completions", _chat(stream=True, model="gpt-4o")
    )
    await gate.wait_until_reached()
    writer.close()
    await threaded_gemini.wait_for_peer_closed()
    assert threaded_gemini.generating_requests == []


async def test_a_blocked_client_of_a_fast_upstream_is_missed_at_once(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    flood = itertools.repeat("x" * 8_192)
    threaded_gemini.reply(Stream(flood))
    reader, writer = await _post(gemini_server, "/v1/chat/completions", _chat(stream=True))
    await reader.readuntil(b"xxx")
    # Nobody reads on: asyncio stops taking bytes after twice its limit, the kernel soon after.
    writer.transport.abort()
    await threaded_gemini.wait_for_peer_closed()


async def test_abandoned_answers_leave_nothing_behind(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(*(Stream(["one ", gate, "two"]) for _ in range(20)))
    opened = await asyncio.gather(
        *(_post(gemini_server, "/v1/chat/completions", _chat(stream=True)) for _ in range(20))
    )
    for reader, _ in opened:
        await reader.readuntil(b"one ")
    for _, writer in opened:
        writer.transport.abort()
    await threaded_gemini.wait_for_peer_closed(nth=20)
    assert STREAM in {request.operation for request in threaded_gemini.requests}
    assert GENERATE not in {request.operation for request in threaded_gemini.requests}
