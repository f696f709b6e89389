"""An answer from the book: the same in JSON and in a stream, its citations checkable."""

import re
from typing import Any

import openai
import pytest

from tests.support.chat import MODES, Mode, ask, question
from tests.support.gemini_replies import Text
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS, PUMPS_URL
from tests.support.serving import BookProxy

QUESTION = "When does the Quillon pump start by itself?"


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_cites_passages_by_number(
    either_client: openai.AsyncOpenAI, mode: Mode
) -> None:
    said = await ask(either_client, QUESTION, mode)
    assert said.headers["x-rag-status"] == "grounded"
    assert "x-rag-reason" not in said.headers
    assert said.headers["x-request-id"]
    assert said.finish_reason == "stop"
    assert said.model == "gpt-4o"
    assert said.context is not None
    assert said.context["intent"] == QUESTION
    (best,) = [c for c in said.context["citations"] if "below two bar" in c["content"]]
    assert best["title"] == "Starting the pump › Pressure switch"
    assert best["url"] == f"{PUMPS_URL}/starting#pressure-switch"
    assert best["filepath"] == "starting.md"
    assert best["score"] <= 1
    assert set(best) == {"content", "title", "url", "filepath", "chunk_id", "score"}
    markers = [(m.start(), m.end(), int(m[1])) for m in re.finditer(r"\[(\d+)\]", said.text)]
    assert markers
    assert [
        (a["url_citation"]["start_index"], a["url_citation"]["end_index"]) for a in said.annotations
    ] == [(start, end) for start, end, _ in markers]
    for annotation, (_, _, number) in zip(said.annotations, markers, strict=True):
        cited = said.context["citations"][number - 1]
        assert annotation["type"] == "url_citation"
        assert annotation["url_citation"]["title"] == cited["title"]
        assert annotation["url_citation"]["url"].split(":~:")[0] == cited["url"]


async def test_stream_and_json_are_the_same_answer(either_client: openai.AsyncOpenAI) -> None:
    whole = await ask(either_client, QUESTION, "json")
    streamed = await ask(either_client, QUESTION, "stream")
    assert streamed.deltas > 1
    assert streamed.text == whole.text
    assert streamed.annotations == whole.annotations
    assert streamed.context == whole.context
    assert streamed.finish_reason == whole.finish_reason


@pytest.mark.parametrize("mode", MODES)
async def test_usage_adds_up(either_client: openai.AsyncOpenAI, mode: Mode) -> None:
    usage = (await ask(either_client, QUESTION, mode)).usage
    assert usage is not None
    assert usage["prompt_tokens"] > 0
    assert usage["completion_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_a_stream_without_include_usage_has_none(
    either_client: openai.AsyncOpenAI,
) -> None:
    said = await ask(either_client, QUESTION, "stream", stream_options=openai.omit)
    assert said.usage is None
    assert said.finish_reason == "stop"


def test_the_synchronous_client_works_too(either_server: BookProxy) -> None:
    with openai.OpenAI(base_url=either_server.v1, api_key="unused", max_retries=0) as client:
        whole = client.chat.completions.create(model="gpt-4o", messages=question(QUESTION))
        assert whole.choices[0].message.annotations
        stream = client.chat.completions.create(
            model="gpt-4o", messages=question(QUESTION), stream=True
        )
        chunks = [chunk.choices[0] for chunk in stream if chunk.choices]
    assert chunks[0].delta.role == "assistant"
    assert "".join(c.delta.content or "" for c in chunks) == whole.choices[0].message.content
    # Sources stand in one delta, right before the finish.
    assert (chunks[-2].delta.model_extra or {})["annotations"]
    assert (chunks[-2].delta.model_extra or {})["context"]["citations"]
    assert chunks[-1].finish_reason == "stop"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("native", "reason"), [("MAX_TOKENS", "length"), ("SAFETY", "content_filter")]
)
async def test_the_upstreams_end_is_told_in_openais_words(
    client: openai.AsyncOpenAI,
    threaded_gemini: FakeGemini,
    mode: Mode,
    native: str,
    reason: str,
) -> None:
    threaded_gemini.reply(Text("The Quillon pump starts below two", finish=native))
    said = await ask(client, QUESTION, mode)
    assert said.finish_reason == reason
    assert said.text == "The Quillon pump starts below two"


@pytest.mark.parametrize("mode", MODES)
async def test_only_markers_with_a_passage_survive(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(Text("Öl 😀 below two bar [1] and never [99]. `a[1]` stays."))
    said = await ask(client, QUESTION, mode)
    assert said.text == "Öl 😀 below two bar [1] and never. `a[1]` stays."
    (annotation,) = said.annotations
    cited = annotation["url_citation"]
    assert said.text[cited["start_index"] : cited["end_index"]] == "[1]"


@pytest.mark.parametrize(
    "options",
    [
        {"extra_body": {"rag": {"books": [PUMPS], "top_k": 1}}},
        {"extra_body": {"extra_body": {"rag": {"books": [PUMPS], "top_k": 1}}}},
        {"extra_headers": {"x-rag-books": PUMPS, "x-rag-top-k": "1"}},
        {"metadata": {"rag_books": PUMPS, "rag_top_k": "1"}},
        {"model": f"gpt-4o:book={PUMPS}", "extra_headers": {"x-rag-top-k": "1"}},
    ],
    ids=["body", "nested body", "headers", "metadata", "suffix"],
)
async def test_retrieval_is_steered_through_every_channel(
    either_client: openai.AsyncOpenAI, options: dict[str, Any]
) -> None:
    said = await ask(either_client, QUESTION, **options)
    assert said.context is not None
    assert [c["filepath"] for c in said.context["citations"]] == ["starting.md"]
    assert said.context["citations"][0]["url"].startswith(PUMPS_URL)


async def test_sources_can_be_appended_for_clients_that_show_nothing_else(
    either_client: openai.AsyncOpenAI,
) -> None:
    said = await ask(either_client, QUESTION, extra_body={"rag": {"append_sources": True}})
    assert f"]({PUMPS_URL}/starting#" in said.text.partition("**Sources**")[2]
