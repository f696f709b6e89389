"""SIGTERM: what was begun is finished, and the process ends well."""

import asyncio
import signal
import socket

import openai
import pytest

from tests.support.chat import question
from tests.support.gemini_replies import After, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_open_stream_finishes_and_the_process_exits_with_zero(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini, number: signal.Signals
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["one ", gate, "two"]))
    async with (
        BookProxy(gemini_env) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model="gpt-4o:no-rag", messages=question("Count."), stream=True
        )
        chunks = aiter(stream)
        while (await anext(chunks)).choices[0].delta.content != "one ":
            pass
        server.send_signal(number)
        await asyncio.to_thread(_wait_until_refused, server.port)
        gate.open()
        rest = [chunk.choices[0] async for chunk in chunks]
        assert "".join(choice.delta.content or "" for choice in rest) == "two"
        assert rest[-1].finish_reason == "stop"
        assert await asyncio.to_thread(server.wait) == 0
        assert "stopped" in server.stderr
        assert "Traceback" not in server.stderr


async def test_the_drain_has_a_limit(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["one ", Gate(), "two"]))
    async with (
        BookProxy({**gemini_env, "PROXY_DRAIN_TIMEOUT_S": "0"}) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model="gpt-4o:no-rag", messages=question("Count."), stream=True
        )
        chunks = aiter(stream)
        await anext(chunks)
        server.send_signal(signal.SIGTERM)
        with pytest.raises(openai.APIError) as ended:
            _ = [chunk async for chunk in chunks]
        assert ended.value.code == "server_stopping"
        assert await asyncio.to_thread(server.wait) == 0
        await threaded_gemini.wait_for_peer_closed()
        assert "Traceback" not in server.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once_and_streams_say_so(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini, number: signal.Signals
) -> None:
    threaded_gemini.reply(Stream(["one ", Gate(), "two"]))
    async with (
        BookProxy({**gemini_env, "PROXY_DRAIN_TIMEOUT_S": "600"}) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model="gpt-4o:no-rag", messages=question("Count."), stream=True
        )
        chunks = aiter(stream)
        await anext(chunks)
        server.send_signal(number)
        await asyncio.to_thread(_wait_until_refused, server.port)
        server.send_signal(number)
        with pytest.raises(openai.APIError) as ended:
            _ = [chunk async for chunk in chunks]
        assert ended.value.code == "server_stopping"
        assert await asyncio.to_thread(server.wait) == 0
        assert "Traceback" not in server.stderr


async def test_an_answer_in_one_piece_that_outlasts_the_drain_is_a_503(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(After(gate, Text("late")))
    async with (
        BookProxy({**gemini_env, "PROXY_DRAIN_TIMEOUT_S": "0"}) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        asked = asyncio.create_task(
            client.chat.completions.create(
                model="gpt-4o:no-rag", messages=question("Count."), stream=False
            )
        )
        await gate.wait_until_reached()
        server.send_signal(signal.SIGTERM)
        with pytest.raises(openai.InternalServerError) as ended:
            await asked
        assert (ended.value.status_code, ended.value.code) == (503, "server_stopping")
        assert await asyncio.to_thread(server.wait) == 0
        assert "Traceback" not in server.stderr


def _wait_until_refused(port: int) -> None:
    """Return when the server no longer listens: it has taken notice of the signal."""
    while True:
        with socket.socket() as probe:
            probe.settimeout(LONG_ENOUGH_S)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
