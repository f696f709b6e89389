"""Chunks of many servers become the events of one answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai_compat.stream import AnswerReader, usage_of
from proxy.errors import (
    ProxyError,
    RateLimited,
    UnsupportedParameter,
    UpstreamFailed,
    UpstreamInvalidResponse,
)
from proxy.protocol.chat_events import (
    ChatEvent,
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from tests.support.chat_events import text_in
from tests.support.openai_server import USAGE, finish, say, usage

COUNTED = Usage(11, 7)


def reader(
    choices: int = 1, *, shows_thoughts: bool = False, is_legacy: bool = False
) -> AnswerReader:
    return AnswerReader(choices, shows_thoughts=shows_thoughts, is_legacy=is_legacy)


def events(*chunks: Any, **of_reader: Any) -> list[ChatEvent]:
    opened = reader(**of_reader)
    return [event for chunk in chunks for event in opened.feed(chunk)] + opened.finish()


def test_an_answer_as_openai_sends_it() -> None:
    made = events(say("", role="assistant"), say("one "), say("two"), finish("stop"), usage())
    assert made == [TextDelta("one "), TextDelta("two"), Finish("stop"), COUNTED]


def test_a_whole_completion_is_read_by_the_same_rules() -> None:
    message = {"role": "assistant", "content": "one", "tool_calls": None}
    choice = {"message": message, "finish_reason": "stop", "logprobs": None}
    assert events({"choices": [choice], "usage": USAGE}) == [
        TextDelta("one"),
        Finish("stop"),
        COUNTED,
    ]


def test_usage_may_be_missing_or_everywhere_and_the_last_counts() -> None:
    assert events(say("a"), finish("stop"))[-1] == Usage()
    first = {**say("a"), "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    last = finish("stop", usage={"prompt_tokens": 1, "completion_tokens": 2})
    assert events(first, last, {**usage(), "usage": None})[-1] == Usage(1, 2)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({**USAGE, "prompt_tokens_details": {"cached_tokens": 3}}, Usage(11, 7, 3)),
        (
            {**USAGE, "completion_tokens_details": {"reasoning_tokens": 5}},
            Usage(11, 7, reasoning_tokens=5),
        ),
        (
            {**USAGE, "total_tokens": 23, "completion_tokens_details": {"reasoning_tokens": 5}},
            Usage(11, 12, reasoning_tokens=5),  # xAI: beside the completion
        ),
        ({"prompt_tokens": None, "prompt_tokens_details": None}, Usage()),
    ],
)
def test_thoughts_are_part_of_the_completion(sent: dict[str, Any], read: Usage) -> None:
    assert usage_of(sent) == read


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_for_who_asked(name: str) -> None:
    thought: dict[str, Any] = {name: "hm"}
    chunks = [say(None, **thought), say("a"), finish("stop")]
    assert events(*chunks, shows_thoughts=True)[:2] == [ReasoningDelta("hm"), TextDelta("a")]
    assert events(*chunks)[0] == TextDelta("a")
    hidden = reader()
    assert hidden.feed(chunks[0]) == []
    assert hidden.has_begun


def test_content_in_parts_is_text_and_a_refusal_too() -> None:
    parts: Any = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "a"}]
    made = events(say(parts), say(None, refusal="No."), finish("stop"))
    assert text_in(made) == "aNo."


def test_logprobs_and_images_come_along() -> None:
    entry: dict[str, Any] = {"token": "a", "logprob": -0.1, "bytes": None, "top_logprobs": []}
    chunk = say("a")
    chunk["choices"][0]["logprobs"] = {"content": [entry]}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aa"}}
    made = events(chunk, say(None, images=[picture, picture]), finish("stop"))
    assert made[1:4] == [
        LogprobsDelta([entry]),
        ImageDelta("data:image/png;base64,aa", 0),
        ImageDelta("data:image/png;base64,aa", 1),
    ]


CALL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize("reason", ["tool_calls", "stop", "function_call", "end_turn"])
def test_a_call_finishes_as_one(reason: str) -> None:
    call, end, _ = events(say(None, tool_calls=[CALL]), finish(reason))
    assert call == ToolCallDelta(0, "a", "f", "{}")
    assert isinstance(end, Finish)
    assert end.reason == "tool_calls"


def test_a_call_that_was_cut_off_says_so() -> None:
    assert events(say(None, tool_calls=[CALL]), finish("length"))[1] == Finish("length")


def test_legacy_calls_either_way() -> None:
    old = say(None, function_call={"name": "f", "arguments": "{}"})
    for chunk in (old, say(None, tool_calls=[CALL])):
        call, end, _ = events(chunk, finish("tool_calls"), is_legacy=True)
        assert isinstance(call, ToolCallDelta)
        assert call.kind == "legacy"
        assert end == Finish("function_call", "tool_calls")


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("eos", "stop"),
        ("tool_calls", "stop"),  # though nothing was called
    ],
)
def test_other_words_for_an_end_are_kept_beside_openais(native: str, reason: str) -> None:
    end = events(say("a"), finish(native))[1]
    assert end == Finish(reason, None if native == reason else native)  # type: ignore[arg-type]


@pytest.mark.parametrize("chunks", [[], [say("a")], [say("", role="assistant")], [usage()]])
def test_an_answer_without_a_finish_reason_was_cut_off(chunks: list[Any]) -> None:
    with pytest.raises(UpstreamInvalidResponse) as failure:
        events(*chunks)
    assert failure.value.code == "upstream_truncated"


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_a_server_that_gave_up_did_not_finish(reason: str) -> None:
    with pytest.raises(UpstreamFailed):
        events(say("a"), finish(reason))


def test_choices_keep_apart() -> None:
    made = events(say("a", 0), say("b", 1), finish("length", 1), finish("stop", 0), choices=2)
    assert made[:2] == [TextDelta("a", 0), TextDelta("b", 1)]
    assert made[2:4] == [Finish("stop", index=0), Finish("length", index=1)]


def test_fewer_choices_than_asked_for_are_said_to_be_fewer() -> None:
    with pytest.raises(UnsupportedParameter) as failure:
        events(say("a"), finish("stop"), choices=2)
    assert failure.value.param == "n"


def test_a_choice_that_was_begun_was_cut_off() -> None:
    with pytest.raises(UpstreamInvalidResponse):
        events(say("a", 0), finish("stop", 0), say("b", 1), choices=2)


def test_an_error_within_the_answer_is_raised() -> None:
    with pytest.raises(RateLimited):
        events({"error": {"code": 429, "message": "slow down"}, "choices": []})


NO_CHUNKS: list[Any] = [
    None,
    "<!doctype html>",
    [],
    {"choices": 1},
    {"choices": ["a"]},
    {"choices": [{"index": 1, "delta": {}}]},
    {"choices": [{"index": -1, "delta": {}}]},
    {"choices": [{"index": "0", "delta": {}}]},
    {"choices": [{"delta": "a"}]},
    {"choices": [{"delta": {"content": 1}}]},
    {"choices": [{"delta": {"tool_calls": ["f"]}}]},
    {"choices": [{"delta": {"images": [{}]}}]},
    {"choices": [{"delta": {}, "logprobs": "x"}]},
    {"choices": [], "usage": "many"},
    {"choices": [], "usage": {"prompt_tokens": "many"}},
]


@pytest.mark.parametrize("chunk", NO_CHUNKS, ids=repr)
def test_what_is_no_chunk_is_an_error_of_the_upstream(chunk: Any) -> None:
    with pytest.raises(UpstreamInvalidResponse):
        reader().feed(chunk)


def test_an_answer_begins_with_more_than_its_role() -> None:
    opened = reader()
    opened.feed(say("", role="assistant"))
    opened.feed({"choices": [], "prompt_filter_results": []})
    assert not opened.has_begun
    opened.feed(say(None, tool_calls=[CALL]))
    assert opened.has_begun


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "index", "usage", "tool_calls", "function", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4))
def test_no_json_makes_anything_but_events_or_a_failure_of_the_upstream(chunks: list[Any]) -> None:
    try:
        made = events(*chunks)
    except ProxyError:
        return
    assert isinstance(made[-1], Usage)
