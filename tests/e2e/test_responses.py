"""`/v1/responses` through OpenAI's own client: the same answers, sources and tools."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response
from pydantic import BaseModel

from tests.support.chat import MODES, Mode
from tests.support.gemini_errors import rate_limited
from tests.support.gemini_events import thought_event
from tests.support.gemini_replies import Answer, Reset, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.responses import checked, checked_response, events_in, kinds
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
NO_RAG = {"rag": {"enabled": False}}
LOOK: Any = {
    "type": "function",
    "name": "look",
    "description": "Reads a gauge.",
    "parameters": {"type": "object", "properties": {"gauge": {"type": "string"}}},
    "strict": False,
}
SIGNATURE = "Q2lnbmF0dXJl"


@dataclass(frozen=True, slots=True)
class Responded:
    """A response, however it came, and the headers beside it."""

    body: Response
    headers: httpx.Headers

    @property
    def context(self) -> Any:
        """The passages."""
        return (self.body.model_extra or {}).get("context")

    @property
    def annotations(self) -> list[Any]:
        """The annotations of the text."""
        (message,) = [item for item in self.body.output if item.type == "message"]
        (part,) = message.content
        assert part.type == "output_text"
        return list(part.annotations)


async def respond(client: openai.AsyncOpenAI, mode: Mode = "json", **options: Any) -> Responded:
    """Ask; without `input` the one question."""
    options = {"model": "gpt-4o", "input": QUESTION, **options}
    responses: Any = client.responses
    raw = await responses.with_raw_response.create(**options, stream=mode == "stream")
    if mode == "json":
        return Responded(raw.parse(), raw.headers)
    events = [event async for event in raw.parse()]
    for number, event in enumerate(events):
        assert event.sequence_number == number
        checked(event.to_dict())
    return Responded(events[-1].response, raw.headers)


def _call_event(**call: Any) -> Mapping[str, Any]:
    part = {"functionCall": {"name": "look", "args": {"gauge": "main"}, **call}}
    content = {"role": "model", "parts": [{**part, "thoughtSignature": SIGNATURE}]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_cites_passages_by_url_and_by_file(
    either_client: openai.AsyncOpenAI, mode: Mode
) -> None:
    said = await respond(either_client, mode)
    checked_response(said.body.to_dict())
    assert said.headers["x-rag-status"] == "grounded"
    assert said.body.status == "completed"
    assert said.body.model == "gpt-4o"
    assert said.context["intent"] == QUESTION
    text = said.body.output_text
    by_url = [a for a in said.annotations if a.type == "url_citation"]
    by_file = [a for a in said.annotations if a.type == "file_citation"]
    assert by_url
    for url, file in zip(by_url, by_file, strict=True):
        marker = text[url.start_index : url.end_index]
        cited = said.context["citations"][int(marker.strip("[]")) - 1]
        assert (url.title, url.url.partition(":~:")[0]) == (cited["title"], cited["url"])
        assert (file.filename, file.index) == (cited["filepath"], url.start_index)
        assert file.file_id in {PUMPS, NOTES}
    assert said.body.usage is not None
    assert said.body.usage.input_tokens > 0


async def test_the_helper_of_the_client_ends_with_the_json_answer(
    either_client: openai.AsyncOpenAI,
) -> None:
    whole = (await respond(either_client)).body.to_dict()
    async with either_client.responses.stream(model="gpt-4o", input=QUESTION) as stream:
        text = "".join(
            [event.delta async for event in stream if event.type == "response.output_text.delta"]
        )
        final = await stream.get_final_response()
    assert text == final.output_text
    folded = final.to_dict()
    for own in ("id", "created_at", "completed_at"):
        del whole[own], folded[own]
    _forget_ids(whole)
    _forget_ids(folded)
    assert folded == whole


def _forget_ids(response: dict[str, Any]) -> None:
    for item in response["output"]:
        del item["id"]
        for part in item["content"]:
            part.pop("parsed", None)


class Start(BaseModel):
    """When a pump starts."""

    below_bar: float


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_schema_wins_over_markers(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, *, streamed: bool
) -> None:
    threaded_gemini.reply(Text('{"below_bar": 2}'))
    if streamed:
        async with client.responses.stream(
            model="gpt-4o", input=QUESTION, text_format=Start
        ) as stream:
            parsed = await stream.get_final_response()
    else:
        parsed = await client.responses.parse(model="gpt-4o", input=QUESTION, text_format=Start)
    assert parsed.output_parsed == Start(below_bar=2)
    assert (parsed.model_extra or {})["context"]["citations"]
    config = threaded_gemini.generating_requests[0].json["generationConfig"]
    assert config["responseMimeType"] == "application/json"


@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_is_called_and_its_result_goes_back_with_the_signature(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(Answer([_call_event()]), Text("It reads two bar."))
    asked: dict[str, Any] = {
        "tools": [LOOK],
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "extra_body": NO_RAG,
    }
    first = await respond(client, mode, **asked)
    reasoning, call = first.body.output
    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("look", '{"gauge":"main"}')
    # As another server would see it, which has not made the call and cannot have remembered it.
    sent = [reasoning.to_dict(), {**call.to_dict(), "call_id": "call_elsewhere"}]
    result = {"type": "function_call_output", "call_id": "call_elsewhere", "output": "2 bar"}
    second = await respond(
        client, mode, input=[{"role": "user", "content": QUESTION}, *sent, result], **asked
    )
    assert second.body.output_text == "It reads two bar."
    _, model, results = threaded_gemini.generating_requests[1].json["contents"]
    assert model["parts"][0]["thoughtSignature"] == SIGNATURE
    assert results["parts"][0]["functionResponse"]["response"] == {"output": "2 bar"}


@pytest.mark.parametrize("mode", MODES)
async def test_a_custom_tool_is_called_with_text(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(Answer([_call_event(args={"input": "main gauge"})]))
    said = await respond(
        client, mode, tools=[{"type": "custom", "name": "look"}], extra_body=NO_RAG
    )
    (call,) = said.body.output
    assert call.type == "custom_tool_call"
    assert call.input == "main gauge"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("summary", ["auto", None])
async def test_thoughts_are_shown_to_those_who_ask(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode, summary: Any
) -> None:
    thoughts = thought_event("Let me see.")
    whole = {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [{"text": "Let me see.", "thought": True}, {"text": "Two."}],
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ]
    }
    threaded_gemini.reply(Answer([whole]) if mode == "json" else Stream([thoughts, "Two."]))
    reasoning: Any = {"effort": "low", "summary": summary}
    said = await respond(client, mode, reasoning=reasoning, extra_body=NO_RAG)
    assert said.body.output_text == "Two."
    shown = [item for item in said.body.output if item.type == "reasoning"]
    assert [part.text for item in shown for part in item.summary] == (
        ["Let me see."] if summary else []
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("native", "reason"), [("MAX_TOKENS", "max_output_tokens"), ("SAFETY", "content_filter")]
)
async def test_an_answer_that_was_cut_is_incomplete(
    client: openai.AsyncOpenAI,
    threaded_gemini: FakeGemini,
    mode: Mode,
    native: str,
    reason: str,
) -> None:
    threaded_gemini.reply(Text("Below two", finish=native))
    said = (await respond(client, mode)).body
    assert said.status == "incomplete"
    assert said.incomplete_details is not None
    assert said.incomplete_details.reason == reason
    assert said.output_text == "Below two"


@pytest.mark.parametrize("mode", MODES)
async def test_a_failure_before_the_first_event_keeps_its_status(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(rate_limited("30s"))
    with pytest.raises(openai.RateLimitError) as failed:
        await respond(client, mode, extra_body=NO_RAG)
    assert failed.value.response.headers["retry-after"] == "30"


async def test_a_failure_half_way_is_told_by_the_response(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["Below ", Reset()]))
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as client:
        answer = await client.post(
            f"{gemini_server.v1}/responses",
            json={"model": "gpt-4o", "input": QUESTION, "stream": True, **NO_RAG},
        )
    events = events_in(answer.content)
    for event in events:
        checked(event)
    assert kinds(events)[-3:] == ["output_text.delta", "failed", "error"]
    assert events[-2]["response"]["error"]["code"] == "server_error"
    assert events[-1]["code"].startswith("upstream_")


async def test_file_search_means_the_books(either_client: openai.AsyncOpenAI) -> None:
    tool: Any = {"type": "file_search", "vector_store_ids": [PUMPS], "max_num_results": 1}
    said = await respond(either_client, tools=[tool], extra_headers={"x-rag-books": NOTES})
    (only,) = said.context["citations"]
    assert only["url"].startswith(PUMPS_URL)
    assert said.body.tools[0].to_dict() == tool


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown book": (
        {"tools": [{"type": "file_search", "vector_store_ids": ["atlas"]}]},
        "tools[0].vector_store_ids",
    ),
    "a wrong option": ({"extra_body": {"rag": {"top_k": 0}}}, "rag.top_k"),
    "a broken image": (
        {
            "extra_body": NO_RAG,
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "detail": "auto", "image_url": "data:image/png,x"},
                    ],
                }
            ],
        },
        "input[0].content[1].image_url",
    ),
    "a hosted tool": ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    "a response before": ({"previous_response_id": "resp_1"}, "previous_response_id"),
}


@pytest.mark.parametrize("name", INVALID)
async def test_a_wrong_request_is_told_in_the_clients_words(
    client: openai.AsyncOpenAI, name: str
) -> None:
    options, param = INVALID[name]
    with pytest.raises(openai.BadRequestError) as wrong:
        await respond(client, **options)
    assert wrong.value.param == param


async def test_headers_say_what_was_done(client: openai.AsyncOpenAI) -> None:
    said = await respond(client, model="gpt-4o:no-rag", extra_body={"novelty": 1})
    assert said.headers["x-rag-status"] == "off"
    assert said.headers["x-ignored-params"] == "novelty"
    assert said.headers["x-upstream-model"].startswith("gemini-")
    assert said.context is None


async def test_nothing_is_stored(client: openai.AsyncOpenAI) -> None:
    said = (await respond(client)).body
    assert (said.model_extra or {})["store"] is False
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(said.id)
    with pytest.raises(openai.NotFoundError):
        await client.responses.delete(said.id)


@pytest.mark.parametrize("mode", MODES)
async def test_integers_that_fill_no_machine_word_come_back_as_they_were(
    client: openai.AsyncOpenAI, threaded_gemini: FakeGemini, mode: Mode
) -> None:
    threaded_gemini.reply(Text("Two bar."))
    tool = {**LOOK, "parameters": {"type": "integer", "maximum": 2**128}}
    answered = await respond(client, mode, tools=[tool], extra_body=NO_RAG)
    assert answered.body.output_text == "Two bar."
    (repeated,) = answered.body.tools
    assert repeated.type == "function"
    assert (repeated.parameters or {})["maximum"] == 2**128


async def test_a_number_of_calls_has_a_bound(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await respond(client, max_tool_calls=10**30, extra_body=NO_RAG)
    assert (refused.value.code, refused.value.param) == (
        "integer_above_max_value",
        "max_tool_calls",
    )
