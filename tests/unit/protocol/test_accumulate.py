"""The fold: however the events were batched, one completion, the same that a client folds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta
from proxy.protocol.sse import ChunkEncoder
from tests.support.chat_events import USAGE, answers, chunks_in, cut, folded

IDENTITY: dict[str, Any] = {"completion_id": "chatcmpl-1", "created_unix_s": 5, "model": "m"}


def completion(*batches: list[ChatEvent], choices: int = 1) -> dict[str, Any]:
    fold = Accumulator(choices)
    for batch in batches:
        fold.feed(batch)
    return fold.result(**IDENTITY)


def stream(events: list[ChatEvent]) -> list[dict[str, Any]]:
    encoder = ChunkEncoder(**IDENTITY, include_usage=True)
    return chunks_in(encoder.start() + encoder.encode(events))


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
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
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
    for choice in seen["choices"]:
        choice["message"].setdefault("annotations", [])
    assert seen["choices"] == whole["choices"]
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


@given(answers().filter(lambda events: not any(isinstance(e, Sources) for e in events)))
def test_the_openai_package_knows_every_field_but_the_documented_ones(
    events: list[ChatEvent],
) -> None:
    parsed = ChatCompletion.model_validate(completion(events), strict=True)
    choice = parsed.choices[0]
    extras = {*(parsed.model_extra or {}), *(choice.model_extra or {})}
    extras |= set(choice.message.model_extra or {})
    assert extras <= {"native_finish_reason", "content_filter", "context"}
