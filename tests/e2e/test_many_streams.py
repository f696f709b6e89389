"""Streams under pressure: many at once, slow readers, any text there is."""

import asyncio
import json

import openai
import pytest

from tests.support.chat import MODES, Mode, ask, question
from tests.support.gemini_replies import Reply, Stream, Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

AWKWARD = (
    "line\u2028paragraph\u2029next\u0085 tab\t 😀👩\u200d👧 e\u0301 \u202edrow\u202c "
    '"\\ </script> data: [DONE]\r\n\r\nend'
)


async def test_a_hundred_streams_at_once_each_say_their_own_words(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    def reply(request: RecordedRequest) -> Reply | None:
        if "number" not in request.last_user_text:
            return None
        number = request.last_user_text.split()[-1]
        return Stream([f"{number}:{i} " for i in range(30)], gap_s=0.002)

    threaded_gemini.reply_by(reply)

    async def one(number: int) -> None:
        said = await ask(client, f"number {number}", "stream", model="gpt-4o:no-rag")
        assert said.text == "".join(f"{number}:{i} " for i in range(30))
        assert said.finish_reason == "stop"

    async with asyncio.timeout(LONG_ENOUGH_S):
        await asyncio.gather(*(one(number) for number in range(100)))


async def test_a_slow_reader_gets_everything(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    words = [f"{i:07d} " * 512 for i in range(1_600)]
    threaded_gemini.reply(Stream(words))
    reader, writer = await asyncio.open_connection("127.0.0.1", gemini_server.port)
    body = json.dumps(
        {"model": "gpt-4o:no-rag", "stream": True, "messages": question("Count.")}
    ).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    # More than all buffers between hold: the upstream must have been made to wait.
    await threaded_gemini.wait_for_request("streamGenerateContent")
    await reader.readuntil(b"\r\n\r\n")
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        openai.AsyncOpenAI(base_url=gemini_server.v1, api_key="unused") as other,
    ):
        assert (await other.models.list()).data
    received = await reader.read()
    writer.close()
    for i in (0, 800, 1_599):
        assert f"{i:07d} ".encode() * 512 in received
    assert b"data: [DONE]" in received


@pytest.mark.parametrize("mode", MODES)
async def test_any_text_arrives_intact(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(Text(AWKWARD))
    said = await ask(client, AWKWARD, mode, model="gpt-4o:no-rag")
    assert said.text == AWKWARD
    (sent,) = threaded_gemini.generating_requests
    assert sent.last_user_text == AWKWARD


async def test_above_the_limit_of_open_answers_more_are_turned_away(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["one ", gate, "two"]))
    async with (
        BookProxy({**gemini_env, "PROXY_MAX_OPEN_GENERATIONS": "1"}) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        first = asyncio.create_task(ask(client, "Count.", "stream", model="gpt-4o:no-rag"))
        await gate.wait_until_reached()
        with pytest.raises(openai.InternalServerError) as turned_away:
            await ask(client, "Count.", model="gpt-4o:no-rag")
        assert turned_away.value.status_code == 503
        assert turned_away.value.code == "overloaded"
        assert turned_away.value.response.headers["retry-after"] == "2"
        with pytest.raises(openai.InternalServerError) as turned_away:
            await client.embeddings.create(model="text-embedding-3-small", input="a pump")
        assert turned_away.value.code == "overloaded"
        gate.open()
        assert (await first).text == "one two"
        assert (await ask(client, "Again.", model="gpt-4o:no-rag")).text
