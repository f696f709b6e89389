"""The events of a response keep OpenAI's order, whatever the answer is made of."""

from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming.responses._responses import ResponseStreamState

from proxy.errors import InvalidRequest, ProxyError, QuotaExhausted, UpstreamOverloaded
from proxy.protocol.chat_events import (
    AnsweredBy,
    ChatEvent,
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    Sources,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from proxy.protocol.responses_stream import encode
from tests.support.chat_events import cut
from tests.support.responses import (
    answers,
    checked,
    checked_response,
    events_in,
    folded,
    kinds,
    writer,
    written,
)

STOP = [Finish("stop", "STOP"), Usage(11, 7, 3, 2)]
CALL = ToolCallDelta(0, "call_1", "look", '{"at":"pump"}', signature="c2ln")
WITH_SIGNATURES = {"include": ["reasoning.encrypted_content"]}
BEGIN = ["created", "in_progress"]
MESSAGE_BEGIN = ["output_item.added", "content_part.added"]
MESSAGE_END = ["output_text.done", "content_part.done", "output_item.done"]
REASONING_BEGIN = ["output_item.added", "reasoning_summary_part.added"]
REASONING_END = [
    "reasoning_summary_text.done",
    "reasoning_summary_part.done",
    "output_item.done",
]
FUNCTION_CALL = [
    "output_item.added",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "output_item.done",
]


def test_a_text_is_one_part_of_one_message() -> None:
    events = written([[TextDelta("Two "), TextDelta("bar.")], STOP])
    deltas = ["output_text.delta"] * 2
    assert kinds(events) == [*BEGIN, *MESSAGE_BEGIN, *deltas, *MESSAGE_END, "completed"]
    assert {e["item_id"] for e in events if "item_id" in e} == {events[2]["item"]["id"]}
    (message,) = events[-1]["response"]["output"]
    assert message["status"] == "completed"
    assert message["content"][0]["text"] == "Two bar."


def test_thoughts_come_before_the_message_and_end_with_its_first_word() -> None:
    events = written([[ReasoningDelta("Hm"), ReasoningDelta("…"), TextDelta("Two.")], STOP])
    assert kinds(events) == [
        *BEGIN,
        *REASONING_BEGIN,
        *["reasoning_summary_text.delta"] * 2,
        *REASONING_END,
        *MESSAGE_BEGIN,
        "output_text.delta",
        *MESSAGE_END,
        "completed",
    ]
    thoughts, _ = events[-1]["response"]["output"]
    assert thoughts["summary"] == [{"type": "summary_text", "text": "Hm…"}]
    assert "encrypted_content" not in thoughts


def test_a_call_comes_whole_and_after_the_text_that_is_being_written() -> None:
    events = written([[TextDelta("Let me "), CALL, TextDelta("look.")], STOP])
    deltas = ["output_text.delta"] * 2
    assert kinds(events) == [
        *BEGIN,
        *MESSAGE_BEGIN,
        *deltas,
        *MESSAGE_END,
        *FUNCTION_CALL,
        "completed",
    ]
    message, call = events[-1]["response"]["output"]
    assert message["content"][0]["text"] == "Let me look."
    assert call == {
        "id": call["id"],
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "look",
        "arguments": '{"at":"pump"}',
    }


def test_a_call_without_any_text_makes_no_message() -> None:
    events = written([[CALL], STOP])
    assert kinds(events) == [*BEGIN, *FUNCTION_CALL, "completed"]


def test_a_custom_call_has_its_own_events() -> None:
    call = ToolCallDelta(0, "call_1", "sql", "select 1", kind="custom")
    events = written([[call], STOP])
    assert kinds(events)[2:-1] == [
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
    ]
    (item,) = events[-1]["response"]["output"]
    assert item["id"].startswith("ctc_")
    assert item["input"] == "select 1"


@pytest.mark.parametrize(
    ("before", "summary"),
    [([], ""), ([ReasoningDelta("Hm")], "Hm"), ([TextDelta("So:")], "")],
    ids=["alone", "after thoughts", "after text"],
)
def test_a_thought_signature_is_the_encrypted_content_before_its_call(
    before: list[ChatEvent], summary: str
) -> None:
    output = written([[*before, CALL], STOP], **WITH_SIGNATURES)[-1]["response"]["output"]
    reasoning, call = output[-2:]
    assert call["type"] == "function_call"
    assert reasoning["encrypted_content"] == "c2ln"
    assert "".join(part["text"] for part in reasoning["summary"]) == summary


def test_a_thought_signature_stays_here_unless_it_was_asked_for() -> None:
    (call,) = written([[CALL], STOP])[-1]["response"]["output"]
    assert call["type"] == "function_call"


def test_an_image_is_an_item_with_its_data() -> None:
    image = ImageDelta("data:image/png;base64,AAAA", 0)
    events = written([[TextDelta("Here: "), image, TextDelta("done.")], STOP])
    _, item = events[-1]["response"]["output"]
    assert item == {
        "id": item["id"],
        "type": "image_generation_call",
        "status": "completed",
        "result": "AAAA",
        "output_format": "png",
    }
    assert kinds(events)[-4:-1] == [
        "output_item.added",
        "image_generation_call.completed",
        "output_item.done",
    ]


def test_an_image_of_a_strange_type_names_no_format() -> None:
    made = written([[ImageDelta("data:image/x-odd;base64,AAAA", 0)], STOP])
    assert "output_format" not in made[-1]["response"]["output"][0]


def test_sources_are_annotations_by_url_and_by_file_and_the_context_of_the_response() -> None:
    cited = {"start_index": 5, "end_index": 8, "title": "Pump", "url": "https://p.example/a#b"}
    file = {"type": "file_citation", "file_id": "pumps", "filename": "a.md", "index": 5}
    context: dict[str, Any] = {"intent": "q", "citations": []}
    sources = Sources(
        [{"type": "url_citation", "url_citation": cited}], context, file_citations=[file]
    )
    events = written([[TextDelta("Two. [1]"), sources, *STOP]])
    annotations = [{"type": "url_citation", **cited}, file]
    added = [e for e in events if e["type"] == "response.output_text.annotation.added"]
    assert [(e["annotation_index"], e["annotation"]) for e in added] == [*enumerate(annotations)]
    response = events[-1]["response"]
    assert response["output"][0]["content"][0]["annotations"] == annotations
    assert response["context"] == context
    assert "context" not in events[0]["response"]


def test_sources_of_the_upstreams_own_search_bring_no_context() -> None:
    cited = {"start_index": 0, "end_index": 4, "title": "Web", "url": "https://web.example"}
    sources = Sources([{"type": "url_citation", "url_citation": cited}], None)
    response = written([[TextDelta("Two."), sources, *STOP]])[-1]["response"]
    assert "context" not in response
    (annotation,) = response["output"][0]["content"][0]["annotations"]
    assert annotation == {"type": "url_citation", **cited}


def test_logprobs_are_told_with_the_whole_text() -> None:
    token = {"token": "Two", "logprob": -0.1, "bytes": [84], "top_logprobs": []}
    events = written([[TextDelta("Two"), LogprobsDelta([token]), *STOP]])
    assert events[-1]["response"]["output"][0]["content"][0]["logprobs"] == [token]


@pytest.mark.parametrize(
    ("reason", "why"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_an_answer_that_was_cut_is_incomplete(reason: Any, why: str) -> None:
    events = written([[TextDelta("Two "), Finish(reason, "X"), Usage()]])
    response = events[-1]["response"]
    assert events[-1]["type"] == "response.incomplete"
    assert response["incomplete_details"] == {"reason": why}
    assert response["output"][0]["status"] == "incomplete"
    assert response["completed_at"] is None


@pytest.mark.parametrize("before", [[], [ReasoningDelta("Hm")]], ids=["nothing", "thoughts"])
def test_an_answer_without_anything_is_an_empty_message(before: list[ChatEvent]) -> None:
    blocked = Finish("content_filter", "SAFETY", {"reason": "SAFETY"})
    response = written([[*before, blocked, Usage(4)]])[-1]["response"]
    assert response["output"][-1]["content"][0]["text"] == ""
    assert response["content_filter"] == {"reason": "SAFETY"}


def test_thoughts_that_come_late_are_an_item_of_their_own() -> None:
    events = written([[TextDelta("Two."), ReasoningDelta("Hm"), AnsweredBy("other"), *STOP]])
    types = [item["type"] for item in events[-1]["response"]["output"]]
    assert types == ["message", "reasoning"]


def test_usage_is_told_in_the_words_of_responses() -> None:
    assert written([[TextDelta("Two."), *STOP]])[-1]["response"]["usage"] == {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 18,
    }


def test_the_tier_is_told_where_it_is_known() -> None:
    served = written([[TextDelta("Two."), Finish("stop"), Usage(1, 1, service_tier="flex")]])
    assert served[-1]["response"]["service_tier"] == "flex"
    assert "service_tier" not in written([[TextDelta("Two."), *STOP]])[-1]["response"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UpstreamOverloaded("Full."), "server_error"),
        (QuotaExhausted("Enough."), "rate_limit_exceeded"),
        (InvalidRequest("What?", param="input"), "invalid_prompt"),
    ],
)
@pytest.mark.parametrize("said", [[], [TextDelta("Two ")]], ids=["before text", "after text"])
def test_a_failure_ends_with_the_response_and_an_error(
    error: ProxyError, code: str, said: list[ChatEvent]
) -> None:
    made = writer()
    events = [*made.start(), *made.feed(said), *made.fail(error)]
    failed, told = events[-2:]
    assert failed["type"] == "response.failed"
    assert failed["response"]["error"] == {"code": code, "message": error.message}
    assert [item["status"] for item in failed["response"]["output"]] == ["incomplete"] * len(said)
    assert told == {
        "type": "error",
        "sequence_number": len(events) - 1,
        "code": error.code,
        "message": error.message,
        "param": error.param,
    }
    assert [checked(event).model_dump()["type"] for event in events]


@given(answers().flatmap(cut), st.sampled_from([{}, WITH_SIGNATURES]))
def test_any_answer_keeps_the_laws_of_the_stream(
    batches: list[list[ChatEvent]], asked: dict[str, Any]
) -> None:
    events = written(batches, **asked)
    assert [event["sequence_number"] for event in events] == [*range(len(events))]
    assert kinds(events)[:2] == BEGIN
    assert kinds(events)[-1] in {"completed", "incomplete"}
    for event in events:
        checked(event)
    response = events[-1]["response"]
    checked_response(response)
    places = [event["output_index"] for event in events if "output_index" in event]
    assert places == sorted(places)
    done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
    assert done == response["output"]
    assert [_without_late_fields(item) for item in folded(events)] == [
        _without_late_fields(item) for item in done
    ]
    ids = [item["id"] for item in done]
    assert len(set(ids)) == len(ids)


@given(answers().flatmap(cut))
def test_openais_client_makes_the_same_response_of_any_stream(
    batches: list[list[ChatEvent]],
) -> None:
    events = written(batches, **WITH_SIGNATURES)
    state: Any = ResponseStreamState(input_tools=openai.omit, text_format=openai.omit)
    for event in events:
        state.handle_event(checked(event))
    if events[-1]["type"] == "response.completed":
        made = state._completed_response.to_dict()
        assert [_without_parsed(item) for item in made["output"]] == events[-1]["response"][
            "output"
        ]


def _without_late_fields(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without what no delta carries."""
    late = {"status", "encrypted_content", "result"}
    kept = {name: value for name, value in item.items() if name not in late}
    if "content" in kept:
        kept["content"] = [{**part, "logprobs": None} for part in kept["content"]]
    return kept


def _without_parsed(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without what OpenAI's client adds to it."""
    kept = {name: value for name, value in item.items() if name != "parsed_arguments"}
    if "content" in kept:
        kept["content"] = [
            {name: value for name, value in part.items() if name != "parsed"}
            for part in kept["content"]
        ]
    return kept


def test_every_event_is_framed_with_its_name() -> None:
    events = written([[TextDelta("Two\n\n😀\u2028"), *STOP]])
    assert events_in(encode(events)) == events
