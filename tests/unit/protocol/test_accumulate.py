"""The fold: however the events were batched, one completion, the same that a client folds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from proxy.protocol.accumulate import Accumulator
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
from proxy.protocol.sse import ChunkEncoder
from tests.support.chat_events import (
    USAGE,
    answers,
    as_message,
    as_streamed,
    chunks_in,
    cut,
    folded,
    many_choices,
)
from tests.support.openai_types import extras_of

IDENTITY: dict[str, Any] = {"completion_id": "chatcmpl-1", "created_unix_s": 5, "model": "m"}


def completion(*batches: list[ChatEvent], choices: int = 1) -> dict[str, Any]:
    fold = Accumulator(choices)
    for batch in batches:
        fold.feed(batch)
    return fold.result(**IDENTITY)


def stream(events: list[ChatEvent], choices: int = 1) -> list[dict[str, Any]]:
    encoder = ChunkEncoder(**IDENTITY, include_usage=True)
    return chunks_in(encoder.start(choices) + encoder.encode(events))


def test_a_completion_has_this_shape() -> None:
    finish = Finish("content_filter", "SAFETY", {"reason": "SAFETY"})
    made = completion(
        [TextDelta("a"), TextDelta("b"), Sources([{"n": 1}], {"c": 2}), finish, USAGE]
    )
    assert made == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 5,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "ab",
                    "refusal": None,
                    "annotations": [{"n": 1}],
                    "context": {"c": 2},
                },
                "logprobs": None,
                "finish_reason": "content_filter",
                "native_finish_reason": "SAFETY",
                "content_filter": {"reason": "SAFETY"},
            }
        ],
        "usage": {
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
        },
    }


def test_an_answer_without_text_or_sources_is_empty_not_null() -> None:
    message = completion([Finish("length"), USAGE])["choices"][0]["message"]
    assert (message["content"], message["annotations"]) == ("", [])
    assert "context" not in message


def test_choices_are_kept_apart() -> None:
    events: list[ChatEvent] = [
        TextDelta("b", 1),
        TextDelta("a"),
        TextDelta("B", 1),
        Finish("stop"),
        Finish("length", index=1),
        USAGE,
    ]
    made = completion(events, choices=2)["choices"]
    assert [choice["message"]["content"] for choice in made] == ["a", "bB"]
    assert [choice["finish_reason"] for choice in made] == ["stop", "length"]


@given(st.data(), answers())
def test_batching_makes_no_difference(data: st.DataObject, events: list[ChatEvent]) -> None:
    assert completion(*data.draw(cut(events))) == completion(events)


@given(answers())
def test_a_client_that_folds_the_stream_gets_the_same(events: list[ChatEvent]) -> None:
    whole, seen = completion(events), folded(stream(events))
    assert [as_message(choice) for choice in seen["choices"]] == as_streamed(whole["choices"])
    assert {key: whole[key] for key in ("id", "created", "model", "usage")} == {
        key: seen[key] for key in ("id", "created", "model", "usage")
    }


@given(answers().filter(lambda events: events[-2] == Finish("stop", "STOP")))
def test_the_openai_package_folds_the_stream_to_the_same_text(events: list[ChatEvent]) -> None:
    state = ChatCompletionStreamState()
    for chunk in stream(events):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    final = state.get_final_completion()
    assert (
        final.choices[0].message.content == completion(events)["choices"][0]["message"]["content"]
    )
    assert final.choices[0].message.role == "assistant"
    assert final.usage is not None
    assert final.usage.model_dump(exclude_none=True) == completion(events)["usage"]


CHOICES = 2


@given(many_choices(CHOICES))
def test_whatever_an_answer_holds_stream_and_fold_agree(events: list[ChatEvent]) -> None:
    whole, seen = completion(events, choices=CHOICES), folded(stream(events, CHOICES))
    assert [as_message(choice) for choice in seen["choices"]] == as_streamed(whole["choices"])
    assert seen["usage"] == whole["usage"]


@given(many_choices(1))
def test_the_openai_package_folds_calls_to_the_same(events: list[ChatEvent]) -> None:
    # Its helper raises on a filter and on a length; custom calls in a stream it has no type for.
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    if not calls or calls[0].kind != "function":
        return
    state = ChatCompletionStreamState()
    for chunk in stream(events):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    made = state.get_final_completion().choices[0].message.tool_calls
    assert made is not None
    assert [(c.id, c.function.name, c.function.arguments) for c in made] == [
        (call.call_id, call.name, call.arguments) for call in calls
    ]


@given(many_choices(CHOICES))
def test_the_openai_package_knows_every_field_but_the_documented_ones(
    events: list[ChatEvent],
) -> None:
    assert extras_of(ChatCompletion, completion(events, choices=CHOICES)) == set()


def test_calls_have_no_text_beside_them_where_none_was_said() -> None:
    calls: list[ChatEvent] = [
        ToolCallDelta(0, "c0", "f", '{"a":1}', signature="c2ln"),
        ToolCallDelta(1, "c1", "shell", "ls -l", kind="custom"),
    ]
    message = completion([*calls, Finish("tool_calls"), USAGE])["choices"][0]["message"]
    assert message == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
        "tool_calls": [
            {
                "id": "c0",
                "type": "function",
                "function": {"name": "f", "arguments": '{"a":1}'},
                "extra_content": {"google": {"thought_signature": "c2ln"}},
            },
            {"id": "c1", "type": "custom", "custom": {"name": "shell", "input": "ls -l"}},
        ],
    }
    spoken = completion([TextDelta("Let me see."), *calls, Finish("tool_calls"), USAGE])
    assert spoken["choices"][0]["message"]["content"] == "Let me see."


def test_a_texts_signature_stands_in_its_message() -> None:
    signed = completion([TextDelta("So."), Finish("stop", signature="c2ln"), USAGE])
    message = signed["choices"][0]["message"]
    assert message["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    plain = completion([TextDelta("So."), Finish("stop"), USAGE])["choices"][0]["message"]
    assert "extra_content" not in plain


def test_a_legacy_call_is_answered_in_its_own_form() -> None:
    call = ToolCallDelta(0, "c0", "f", "{}", kind="legacy", signature="c2ln")
    choice = completion([call, Finish("function_call"), USAGE])["choices"][0]
    assert choice["message"]["function_call"] == {"name": "f", "arguments": "{}"}
    assert "tool_calls" not in choice["message"]
    assert choice["finish_reason"] == "function_call"


def test_thoughts_images_and_log_probabilities_have_their_places() -> None:
    entry = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    events: list[ChatEvent] = [
        AnsweredBy("another"),
        ReasoningDelta("h"),
        ReasoningDelta("m"),
        TextDelta("a"),
        LogprobsDelta([entry]),
        TextDelta("b"),
        LogprobsDelta([entry]),
        ImageDelta("data:image/png;base64,AA==", 0),
        Finish("stop"),
        USAGE,
    ]
    choice = completion(events)["choices"][0]
    assert choice["message"]["reasoning_content"] == "hm"
    assert choice["message"]["images"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    ]
    assert choice["logprobs"] == {"content": [entry, entry], "refusal": None}


def test_sources_of_the_upstream_alone_have_no_context() -> None:
    message = completion([Sources([{"n": 1}], None), Finish("stop"), USAGE])["choices"][0][
        "message"
    ]
    assert message["annotations"] == [{"n": 1}]
    assert "context" not in message


def test_the_tier_is_told_where_it_is_known() -> None:
    assert completion([Finish("stop"), Usage(1, 1, service_tier="flex")])["service_tier"] == "flex"
    assert "service_tier" not in completion([Finish("stop"), USAGE])


def test_audio_and_images_that_were_read_are_counted() -> None:
    usage = completion([Finish("stop"), Usage(10, 1, audio_tokens=7, image_tokens=2)])["usage"]
    details = usage["prompt_tokens_details"]
    assert (details["audio_tokens"], details["image_tokens"]) == (7, 2)
