"""The rules of order: when an answer ends, with what, and when it did not end at all."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.response import usage_to_openai
from proxy.errors import ProxyError, UpstreamFailed, UpstreamInvalidResponse, UpstreamOverloaded
from proxy.protocol.chat_events import Finish, TextDelta, Usage
from tests.support import gemini_errors as errors
from tests.support.answer_reading import read, reader_of
from tests.support.chat_events import cut, text_in
from tests.support.gemini_events import (
    blocked_event,
    finish_event,
    text_event,
    thought_event,
    usage,
    usage_event,
)


def usage_of(*responses: dict[str, Any]) -> Usage:
    reader = reader_of()
    reader.feed(list(responses))
    return usage_to_openai(reader.usage)


def end_of(*responses: dict[str, Any]) -> Finish:
    finish = read(*responses)[-1]
    assert isinstance(finish, Finish)
    return finish


def test_text_then_finish_and_what_it_cost() -> None:
    tail = {"usageMetadata": usage(prompt=5, candidates=2, thoughts=3)}
    responses = [text_event("a"), {**text_event("b", finish="STOP"), **tail}]
    assert read(*responses) == [TextDelta("a"), TextDelta("b"), Finish("stop", "STOP")]
    assert usage_of(*responses) == Usage(5, 5, reasoning_tokens=3)


def test_the_finish_is_held_until_the_upstream_has_closed() -> None:
    reader = reader_of()
    assert reader.feed([text_event("a", finish="STOP")]) == [TextDelta("a")]
    assert reader.feed([text_event("b", finish="STOP")]) == [TextDelta("b")]
    assert reader.feed([text_event("c")]) == [TextDelta("c")]
    assert reader.finish() == [Finish("stop", "STOP")]


def test_usage_is_the_last_as_a_whole() -> None:
    many = {"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 9}}
    assert usage_of(
        {**text_event("a"), **many},
        text_event("b", finish="STOP"),
        {"usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 1}},
    ) == Usage(prompt_tokens=3, completion_tokens=1, reasoning_tokens=1)


def test_thoughts_and_empty_texts_are_not_said() -> None:
    events = read(thought_event("hm"), text_event(""), text_event("a"), finish_event("STOP"))
    assert [event for event in events if isinstance(event, TextDelta)] == [TextDelta("a")]


WITHOUT_TEXT: list[dict[str, Any]] = [
    {},
    {"content": None},
    {"content": {}},
    {"content": {"role": "model"}},
    {"content": {"parts": None}},
    {"content": {"parts": []}},
    {"content": {"parts": [{}]}},
    {"content": {"parts": [{"text": None}, {"thoughtSignature": "c2ln", "text": ""}]}},
    {"content": {"parts": [{"functionCall": {}}]}},
    {"content": {"parts": [{"inlineData": {"mimeType": "audio/wav", "data": ""}}]}},
    {"content": {"parts": [{"toolCall": {"id": "t"}}, {"toolResponse": {"id": "t"}}]}},
]


@pytest.mark.parametrize("candidate", WITHOUT_TEXT)
def test_a_candidate_without_text_says_nothing(candidate: dict[str, Any]) -> None:
    reader = reader_of()
    assert reader.feed([{"candidates": [candidate]}]) == []
    assert reader.feed([text_event("a", finish="STOP")]) == [TextDelta("a")]


def test_all_thinking_and_no_text_is_an_answer_cut_by_its_length() -> None:
    # Recorded with 2.5 Pro and a small limit.
    metadata = {"promptTokenCount": 5, "thoughtsTokenCount": 45, "totalTokenCount": 50}
    finish = {**finish_event("MAX_TOKENS"), "usageMetadata": metadata}
    assert read(finish) == [Finish("length", "MAX_TOKENS")]
    assert usage_of(finish) == Usage(5, 45, reasoning_tokens=45)


def test_a_filter_ends_the_answer_and_says_why() -> None:
    ended = finish_event("SAFETY", message="not this")
    finish = end_of(text_event("partial "), ended, finish_event("STOP"))
    assert finish == Finish(
        "content_filter",
        "SAFETY",
        {"reason": "SAFETY", "message": "not this", "safety_ratings": []},
    )


def test_a_blocked_prompt_is_an_answer_that_was_filtered() -> None:
    blocked = blocked_event("PROHIBITED_CONTENT")
    assert usage_of(blocked) == Usage(prompt_tokens=3)
    (finish,) = read(blocked)
    assert isinstance(finish, Finish)
    assert (finish.reason, finish.native_reason) == ("content_filter", "PROHIBITED_CONTENT")
    assert finish.content_filter is not None
    assert finish.content_filter["reason"] == "PROHIBITED_CONTENT"
    assert finish.content_filter["safety_ratings"]


@pytest.mark.parametrize(
    "responses",
    [
        [],
        [usage_event()],
        [text_event("cut in the mid")],
        [{}],
        [{"novelty": 1}],
        [{"candidates": []}],
        [{"candidates": None}],
        [{"promptFeedback": {"safetyRatings": []}}],
    ],
)
def test_an_end_without_a_reason_is_an_error_not_a_stop(responses: list[dict[str, Any]]) -> None:
    reader = reader_of()
    reader.feed(responses)
    with pytest.raises(UpstreamInvalidResponse) as failure:
        reader.finish()
    assert failure.value.code == "upstream_truncated"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("OTHER", "upstream_no_content"),
        ("X" * 5_000, "upstream_no_content"),
        ("MALFORMED_FUNCTION_CALL", "upstream_malformed_tool_call"),
        ("MISSING_THOUGHT_SIGNATURE", "missing_thought_signature"),
    ],
)
def test_an_end_without_an_answer_is_an_error(reason: str, code: str) -> None:
    reader = reader_of()
    reader.feed([finish_event(reason)])
    with pytest.raises(UpstreamInvalidResponse) as failure:
        reader.finish()
    assert failure.value.code == code
    assert len(failure.value.message) < 150


def test_an_unheard_of_end_after_text_is_a_stop() -> None:
    assert end_of(text_event("a", finish="BRAND_NEW")) == Finish("stop", "BRAND_NEW")


def test_an_error_in_the_midst_is_raised() -> None:
    reader = reader_of()
    with pytest.raises(UpstreamOverloaded):
        reader.feed([text_event("a"), errors.overloaded().body])
    with pytest.raises(UpstreamFailed):
        reader_of().feed([{"error": {"code": 500, "message": "secret"}}])
    with pytest.raises(UpstreamInvalidResponse):
        reader_of().feed([{"error": {"message": "no code"}}])


@pytest.mark.parametrize(
    "response",
    [
        {"candidates": {"a": 1}},
        {"candidates": "words"},
        {"candidates": [None]},
        {"candidates": ["words"]},
        {"candidates": [{"content": "words"}]},
        {"candidates": [{"content": {"parts": "words"}}]},
        {"candidates": [{"content": {"parts": [None]}}]},
        {"candidates": [{"content": {"parts": 5}}]},
        {"candidates": [{"content": {"parts": [{"text": 5}]}}]},
        {"candidates": [{"finishReason": ["STOP"]}]},
        *(
            {"candidates": [{"content": {"parts": [{"functionCall": call}]}}]}
            for call in (
                "words",
                {"name": 5},
                {"name": ["f"]},
                {"name": "f", "args": "words"},
                {"name": "f", "args": [1]},
                {"name": "f", "willContinue": True, "partialArgs": [{"jsonPath": "words"}]},
            )
        ),
        *(
            {"candidates": [{"content": {"parts": [part]}}]}
            for part in (
                {"inlineData": "words"},
                {"inlineData": {"mimeType": "image/png"}},
                {"executableCode": {"language": "PYTHON"}},
                {"codeExecutionResult": "words"},
            )
        ),
        *(
            {"candidates": [{"finishReason": "STOP", **metadata}]}
            for metadata in (
                {"groundingMetadata": "words"},
                {"groundingMetadata": {"groundingSupports": ["words"]}},
                {"groundingMetadata": {"groundingSupports": [{"segment": "words"}]}},
                {"citationMetadata": "words"},
                {"citationMetadata": {"citationSources": ["words"]}},
                {"citationMetadata": {"citationSources": [{"uri": 5}]}},
                {"citationMetadata": {"citationSources": [{"uri": "u", "endIndex": "words"}]}},
                {"logprobsResult": {"chosenCandidates": "words"}},
            )
        ),
        {"promptFeedback": 5},
        "words",
    ],
)
def test_json_of_another_shape_is_an_upstream_error(response: Any) -> None:
    with pytest.raises(UpstreamInvalidResponse) as failure:
        read(response)
    assert "words" not in failure.value.message


KEYS = [
    "candidates",
    "content",
    "parts",
    "text",
    "thought",
    "finishReason",
    "error",
    "code",
    "details",
    "promptFeedback",
    "blockReason",
    "usageMetadata",
    "functionCall",
    "name",
    "args",
    "willContinue",
    "partialArgs",
    "jsonPath",
    "stringValue",
    "inlineData",
    "executableCode",
    "codeExecutionResult",
    "groundingMetadata",
    "groundingSupports",
    "groundingChunks",
    "citationMetadata",
    "citationSources",
    "logprobsResult",
    "continuationToken",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["candidates", "error"]), JSON)))
def test_whatever_json_comes_nothing_but_a_proxy_error_is_raised(
    responses: list[dict[str, Any]],
) -> None:
    with contextlib.suppress(ProxyError):
        assert isinstance(read(*responses)[-1], Finish)


@given(st.data(), st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=10))
def test_batches_make_no_difference(data: st.DataObject, texts: list[str]) -> None:
    responses = [*map(text_event, texts), finish_event("STOP"), usage_event()]
    reader = reader_of()
    batches: list[list[dict[str, Any]]] = data.draw(cut(responses))
    events = [event for batch in batches for event in reader.feed(batch)]
    assert [*events, *reader.finish()] == read(*responses)
    assert text_in(events) == "".join(texts)
