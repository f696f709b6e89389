"""What the upstream does wrong reaches a client as what its SDK knows."""

from dataclasses import replace

import httpx
import openai
import pytest

from tests.support.chat import MODES, Mode, ask, question
from tests.support.gemini_errors import (
    Status,
    api_key_invalid,
    context_too_long,
    daily_quota_exhausted,
    overloaded,
    rate_limited,
)
from tests.support.gemini_faults import BROKEN_STREAMS, LOST_CONNECTIONS
from tests.support.gemini_replies import Reply, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
NO_RAG = {"rag": {"enabled": False}}

FAILURES = {
    "too long": (context_too_long(), openai.BadRequestError, 400, "context_length_exceeded"),
    "bad key": (api_key_invalid(), openai.InternalServerError, 502, "upstream_auth_error"),
    "forbidden": (Status(403), openai.InternalServerError, 502, "upstream_auth_error"),
    "no such model": (Status(404), openai.NotFoundError, 404, "model_not_found"),
    "per minute": (rate_limited("7s"), openai.RateLimitError, 429, "rate_limit_exceeded"),
    "per day": (daily_quota_exhausted(), openai.RateLimitError, 429, "insufficient_quota"),
    "internal": (Status(500), openai.InternalServerError, 500, "upstream_error"),
    "overloaded": (overloaded(), openai.InternalServerError, 503, "upstream_overloaded"),
    "too slow": (Status(504), openai.InternalServerError, 504, "upstream_timeout"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_before_the_first_token_keeps_its_status(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, name: str, mode: Mode
) -> None:
    reply, error, status, code = FAILURES[name]
    threaded_gemini.reply(reply, reply)  # some are tried twice
    with pytest.raises(error) as failed:
        await ask(client, QUESTION, mode, extra_body=NO_RAG)
    assert failed.value.status_code == status
    assert failed.value.code == code
    assert failed.value.request_id


@pytest.mark.parametrize("mode", MODES)
async def test_the_upstreams_wish_to_wait_is_passed_on(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(rate_limited("7s"))
    with pytest.raises(openai.RateLimitError) as limited:
        await ask(client, QUESTION, mode, extra_body=NO_RAG)
    assert limited.value.response.headers["retry-after"] == "7"
    assert limited.value.response.headers["retry-after-ms"] == "7000"
    assert len(threaded_gemini.generating_requests) == 1


async def test_an_exhausted_quota_is_not_retried_by_clients_either(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(daily_quota_exhausted())
    async with openai.AsyncOpenAI(base_url=gemini_server.v1, api_key="unused") as retrying:
        with pytest.raises(openai.RateLimitError) as exhausted:
            await ask(retrying, QUESTION, extra_body=NO_RAG)
    assert exhausted.value.response.headers["x-should-retry"] == "false"
    assert len(threaded_gemini.generating_requests) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_one_hiccup_before_the_first_token_goes_unnoticed(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(overloaded(), Text("Well again."))
    assert (await ask(client, QUESTION, mode, extra_body=NO_RAG)).text == "Well again."


@pytest.mark.parametrize("name", LOST_CONNECTIONS)
async def test_a_connection_lost_for_good_is_a_502(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, name: str
) -> None:
    make = LOST_CONNECTIONS[name]
    threaded_gemini.reply(make(), make(), make())
    with pytest.raises(openai.InternalServerError) as lost:
        await ask(client, QUESTION, extra_body=NO_RAG)
    assert lost.value.status_code == 502


def _broken(name: str) -> tuple[Reply, Gate]:
    """Return a stream that breaks only once its first words have arrived."""
    stream = BROKEN_STREAMS[name]()
    assert isinstance(stream, Stream)
    gate = Gate()
    return replace(stream, gate=gate), gate


@pytest.mark.parametrize("name", BROKEN_STREAMS)
async def test_a_break_in_mid_stream_is_raised_after_the_text(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, name: str
) -> None:
    reply, gate = _broken(name)
    threaded_gemini.reply(reply)
    texts: list[str] = []
    stream = await client.chat.completions.create(
        model="gpt-4o:no-rag", messages=question(QUESTION), stream=True
    )

    async def read() -> None:
        async for chunk in stream:
            texts.extend(choice.delta.content or "" for choice in chunk.choices)
            assert all(choice.finish_reason is None for choice in chunk.choices)
            if "one " in texts:
                gate.open()

    with pytest.raises(openai.APIError) as broken:
        await read()
    assert "".join(texts).startswith("one ")
    assert broken.value.code
    assert "private words" not in str(broken.value)


@pytest.mark.parametrize("name", BROKEN_STREAMS)
async def test_a_broken_stream_ends_with_one_error_event_and_never_with_done(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, name: str
) -> None:
    reply, gate = _broken(name)
    threaded_gemini.reply(reply)
    body = {"model": "gpt-4o:no-rag", "stream": True, "messages": question(QUESTION)}
    url = f"{gemini_server.v1}/chat/completions"
    said = ""
    async with (
        httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http,
        http.stream("POST", url, json=body) as response,
    ):
        assert response.status_code == 200
        async for piece in response.aiter_text():
            said += piece
            gate.open()
    *_, last = said.strip().split("\n\n")
    assert last.startswith('data: {"error":')
    assert said.count('"error"') == 1
    assert "[DONE]" not in said


async def test_a_silent_upstream_is_a_504_in_time(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    silent: Reply = Stream(["one ", gate, "two"])
    threaded_gemini.reply(Stream([gate, "one"]), silent)
    env = {**gemini_env, "PROXY_FIRST_TOKEN_TIMEOUT_S": "0.2", "PROXY_IDLE_TIMEOUT_S": "0.2"}
    async with (
        BookProxy(env) as server,
        openai.AsyncOpenAI(base_url=server.v1, api_key="unused", max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as late:
            await ask(client, QUESTION, "stream", extra_body=NO_RAG)
        assert late.value.status_code == 504
        with pytest.raises(openai.APIError, match="in time"):
            await ask(client, QUESTION, "stream", extra_body=NO_RAG)
        await threaded_gemini.wait_until_left()
