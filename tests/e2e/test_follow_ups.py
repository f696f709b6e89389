"""The second turn of a conversation, offline and with Gemini."""

from typing import Any

import openai
import pytest

from tests.support.chat import MODES, Mode, ask
from tests.support.gemini_replies import Text
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy

TURNS: list[Any] = [
    {"role": "user", "content": "How does the Quillon pump start by hand?"},
    {"role": "assistant", "content": "Turn the brass lever to the left to start it [1]."},
    {"role": "user", "content": "And when does it start by itself?"},
]
REWRITTEN = "When does the Quillon pump start by itself?"


def is_rewriting(request: RecordedRequest) -> bool:
    return "search query" in request.system_text


@pytest.mark.parametrize("mode", MODES)
async def test_offline_the_rules_put_in_what_is_meant(
    offline_server: BookProxy, mode: Mode
) -> None:
    async with openai.AsyncOpenAI(base_url=offline_server.v1, api_key="unused") as client:
        said = await ask(client, "", mode, messages=TURNS)
    assert said.headers["x-rag-status"] == "grounded"
    assert said.context is not None
    assert "Quillon pump" in said.context["intent"]
    assert "below two bar" in said.text


@pytest.mark.parametrize("mode", MODES)
async def test_with_gemini_the_fast_model_rewrites_the_question(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply_by(lambda r: Text(REWRITTEN) if is_rewriting(r) else None)
    said = await ask(client, "", mode, messages=TURNS)
    assert said.context is not None
    assert said.context["intent"] == REWRITTEN
    contents = [citation["content"] for citation in said.context["citations"]]
    assert any("below two bar" in content for content in contents)
    assert any("brass lever" in content for content in contents)
    first, last = threaded_gemini.generating_requests
    assert "gemini-3.5-flash-lite" in first.path
    assert "gemini-3.8-flash" in last.path
    # The numbers of the first answer are not those of this one.
    assert last.json["contents"][1]["parts"][0]["text"] == (
        "Turn the brass lever to the left to start it."
    )


async def test_a_question_that_stands_alone_costs_one_call(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    messages = [*TURNS[:2], {"role": "user", "content": REWRITTEN}]
    said = await ask(client, "", messages=messages)
    assert said.context is not None
    assert said.context["intent"] == REWRITTEN
    assert len(threaded_gemini.generating_requests) == 1


async def test_a_fast_model_that_fails_costs_the_answer_nothing(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply_by(lambda r: Text("two\nlines") if is_rewriting(r) else None)
    said = await ask(client, "", messages=TURNS)
    assert said.headers["x-rag-status"] == "grounded"
    assert said.headers["x-rag-reason"] == "not-rewritten"
