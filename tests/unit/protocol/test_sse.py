"""Chunks on the wire: golden bytes, and the laws that hold for every text.

What clients were seen to break on is the reason for each rule: a role in every chunk, sources sent
twice, usage in the middle, an error beside choices.
"""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from proxy.errors import QuotaExhausted, UpstreamTimeout
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
from proxy.protocol.sse import (
    DONE,
    ChunkEncoder,
    error_event,
    error_object,
)
from tests.support.chat_events import USAGE, answers, chunks_in, folded, many_choices
from tests.support.openai_types import extras_of

HEAD = b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m"'


def encoder(*, include_usage: bool = False) -> ChunkEncoder:
    return ChunkEncoder(
        completion_id="chatcmpl-1", created_unix_s=5, model="m", include_usage=include_usage
    )


ANSWER: list[ChatEvent] = [
    TextDelta('Say "hi"\n\u2028'),
    Sources([{"type": "url_citation"}], {"intent": "q", "citations": []}),
    Finish("stop", "STOP"),
    USAGE,
]


def test_an_answer_is_these_bytes() -> None:
    made = encoder()
    rest = b',"logprobs":null,"finish_reason":null}]}\n\n'
    context = b'"context":{"intent":"q","citations":[]}}'
    finish = b'"finish_reason":"stop","native_finish_reason":"STOP"}]}\n\n'
    golden = [
        b'{"index":0,"delta":{"role":"assistant","content":"","refusal":null}' + rest,
        b'{"index":0,"delta":{"content":"Say \\"hi\\"\\n\xe2\x80\xa8"}' + rest,
        b'{"index":0,"delta":{"annotations":[{"type":"url_citation"}],' + context + rest,
        b'{"index":0,"delta":{},"logprobs":null,' + finish,
    ]
    expected = b"".join(HEAD + b',"choices":[' + choice for choice in golden)
    assert made.start() + made.encode(ANSWER) + DONE == expected + b"data: [DONE]\n\n"


def test_usage_comes_last_and_once_where_it_was_asked_for() -> None:
    made = encoder(include_usage=True)
    *chunks, last = chunks_in(made.start() + made.encode(ANSWER))
    assert last["choices"] == []
    assert last["usage"] == {
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "total_tokens": 18,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0, "image_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 2,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    assert all(chunk["usage"] is None for chunk in chunks)


def test_the_tier_is_told_with_the_usage_where_it_is_known() -> None:
    (last,) = chunks_in(encoder(include_usage=True).encode([Usage(1, 1, service_tier="flex")]))
    assert last["service_tier"] == "flex"
    (last,) = chunks_in(encoder(include_usage=True).encode([USAGE]))
    assert "service_tier" not in last


def test_usage_is_not_even_mentioned_where_it_was_not_asked_for() -> None:
    assert all("usage" not in chunk for chunk in chunks_in(encoder().encode(ANSWER)))
    assert encoder().encode([USAGE]) == b""


def test_every_choice_begins_with_its_role_in_order() -> None:
    chunks = chunks_in(encoder().start(3))
    assert [chunk["choices"][0]["index"] for chunk in chunks] == [0, 1, 2]
    assert {chunk["choices"][0]["delta"]["role"] for chunk in chunks} == {"assistant"}


def test_every_event_names_its_choice() -> None:
    events: list[ChatEvent] = [TextDelta("x", 2), Sources([], {}, 2), Finish("length", index=2)]
    chunks = chunks_in(encoder(include_usage=True).encode(events))
    assert [chunk["choices"][0]["index"] for chunk in chunks] == [2, 2, 2]
    assert chunks[0]["choices"][0]["delta"] == {"content": "x"}


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        (Finish("stop"), {"finish_reason": "stop"}),
        (
            Finish("content_filter", "SAFETY", {"reason": "SAFETY"}),
            {
                "finish_reason": "content_filter",
                "native_finish_reason": "SAFETY",
                "content_filter": {"reason": "SAFETY"},
            },
        ),
    ],
)
def test_an_end_says_why(finish: Finish, expected: dict[str, Any]) -> None:
    (chunk,) = chunks_in(encoder().encode([finish]))
    assert chunk["choices"] == [{"index": 0, "delta": {}, "logprobs": None, **expected}]


CHOICES = 3


@given(events=many_choices(CHOICES).filter(lambda events: not has_custom_calls(events)))
def test_whatever_an_answer_holds_the_openai_package_knows_its_fields(
    events: list[ChatEvent],
) -> None:
    made = encoder(include_usage=True)
    for chunk in chunks_in(made.start(CHOICES) + made.encode(events)):
        assert extras_of(ChatCompletionChunk, chunk) == set()


def has_custom_calls(events: list[ChatEvent]) -> bool:
    """Whether there are calls that the package has a type for in whole answers only."""
    return any(isinstance(event, ToolCallDelta) and event.kind == "custom" for event in events)


@given(many_choices(CHOICES))
def test_the_laws_of_a_stream_hold_for_every_choice(events: list[ChatEvent]) -> None:
    made = encoder(include_usage=True)
    chunks = chunks_in(made.start(CHOICES) + made.encode(events))
    *chunks, last = chunks
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == USAGE.total_tokens
    assert all(chunk["usage"] is None for chunk in chunks)
    for index in range(CHOICES):
        own = [c["choices"][0] for c in chunks if c["choices"][0]["index"] == index]
        assert [i for i, choice in enumerate(own) if "role" in choice["delta"]] == [0]
        ends = [i for i, choice in enumerate(own) if choice["finish_reason"]]
        assert ends == [len(own) - 1]
        assert own[-1]["delta"] == {}
        calls = [call for c in own for call in c["delta"].get("tool_calls", ())]
        assert [call["index"] for call in calls] == list(range(len(calls)))
        assert all(call["id"] and call["type"] for call in calls)
        assert all(c["delta"].get("content") != "" for c in own[1:])


def test_a_call_is_one_delta() -> None:
    call = ToolCallDelta(1, "call_x", "f", '{"a":1}', signature="c2ln")
    (chunk,) = chunks_in(encoder().encode([call]))
    assert chunk["choices"][0]["delta"] == {
        "tool_calls": [
            {
                "index": 1,
                "id": "call_x",
                "type": "function",
                "function": {"name": "f", "arguments": '{"a":1}'},
                "extra_content": {"google": {"thought_signature": "c2ln"}},
            }
        ]
    }


def test_calls_of_other_kinds_keep_their_form() -> None:
    custom = ToolCallDelta(0, "call_x", "shell", "ls", kind="custom")
    legacy = ToolCallDelta(0, "call_x", "f", "{}", kind="legacy")
    first, second = chunks_in(encoder().encode([custom, legacy]))
    assert first["choices"][0]["delta"] == {
        "tool_calls": [
            {
                "index": 0,
                "id": "call_x",
                "type": "custom",
                "custom": {"name": "shell", "input": "ls"},
            }
        ]
    }
    assert second["choices"][0]["delta"] == {"function_call": {"name": "f", "arguments": "{}"}}


def test_thoughts_images_and_log_probabilities_have_their_places() -> None:
    entry = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    events: list[ChatEvent] = [
        ReasoningDelta("hm"),
        LogprobsDelta([entry]),
        ImageDelta("data:image/png;base64,AA==", 0),
    ]
    thought, logprobs, image = (c["choices"][0] for c in chunks_in(encoder().encode(events)))
    assert thought["delta"] == {"reasoning_content": "hm"}
    assert (logprobs["delta"], logprobs["logprobs"]) == ({}, {"content": [entry], "refusal": None})
    url = {"url": "data:image/png;base64,AA=="}
    assert image["delta"] == {"images": [{"index": 0, "type": "image_url", "image_url": url}]}


def test_which_model_answers_is_no_chunk() -> None:
    assert encoder().encode([AnsweredBy("another")]) == b""


@given(events=answers(), include_usage=st.booleans())
def test_the_openai_package_knows_every_field_but_the_documented_ones(
    events: list[ChatEvent], *, include_usage: bool
) -> None:
    made = encoder(include_usage=include_usage)
    for chunk in chunks_in(made.start() + made.encode(events)):
        assert extras_of(ChatCompletionChunk, chunk) == set()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 1))
def test_any_text_arrives_as_it_was_written(text: str, index: int) -> None:
    stream = encoder().encode([TextDelta(text, index)])
    (chunk,) = chunks_in(stream)
    assert chunk["choices"][0]["delta"]["content"] == text


@given(answers())
def test_one_event_at_a_time_is_the_same_as_all_at_once(events: list[ChatEvent]) -> None:
    made = encoder(include_usage=True)
    assert b"".join(made.encode([event]) for event in events) == made.encode(events)


def test_names_of_models_are_written_as_json() -> None:
    made = ChunkEncoder(
        completion_id="c", created_unix_s=1, model='a"b\n', include_usage=False
    ).encode([TextDelta("x")])
    assert chunks_in(made)[0]["model"] == 'a"b\n'


def test_an_error_stands_alone_and_has_all_four_keys() -> None:
    (event,) = chunks_in(error_event(UpstreamTimeout("late")))
    assert event == {
        "error": {
            "message": "late",
            "type": "server_error",
            "param": None,
            "code": "upstream_timeout",
            "status": 504,
        }
    }
    assert "choices" not in event


def test_the_envelope_outside_a_stream_has_openais_keys_only() -> None:
    assert error_object(QuotaExhausted("none left", param="model"))["error"] == {
        "message": "none left",
        "type": "insufficient_quota",
        "param": "model",
        "code": "insufficient_quota",
    }


def test_a_client_makes_the_whole_answer_of_its_chunks() -> None:
    made = encoder(include_usage=True)
    whole = folded(chunks_in(made.start() + made.encode([TextDelta("a"), *ANSWER])))
    assert whole["choices"][0]["message"]["content"] == 'aSay "hi"\n\u2028'
    assert orjson.dumps(whole["usage"]["total_tokens"]) == b"18"
    assert Usage().total_tokens == 0
