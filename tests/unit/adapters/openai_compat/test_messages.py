"""Messages in the form that every OpenAI-compatible upstream takes."""

from typing import Any

import pytest

from proxy.adapters.openai_compat.messages import MAX_CALL_ID_CHARS, messages_to_openai
from tests.support.builders import make_chat_request

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aa", "detail": "low"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "aa", "format": "wav"}}
FILE = {"type": "file", "file": {"file_data": "data:application/pdf;base64,aa", "filename": "a"}}
VIDEO = {"type": "video_url", "video_url": {"url": "https://video.example/a"}}
TEXT = {"type": "text", "text": "what is this?"}
USER = {"role": "user", "content": "hi"}


def sent(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    return messages_to_openai(make_chat_request(messages=messages).messages)


def test_instructions_at_the_beginning_become_one() -> None:
    made = sent(
        {"role": "system", "content": "one"},
        {"role": "developer", "content": [{"type": "text", "text": "two"}]},
        USER,
        {"role": "developer", "content": "late", "name": "boss"},
    )
    assert made == [
        {"role": "system", "content": "one\n\ntwo"},
        USER,
        {"role": "system", "content": "late", "name": "boss"},
    ]


def test_instructions_may_be_all_there_is() -> None:
    assert sent({"role": "system", "content": "x"}) == [{"role": "system", "content": "x"}]


def test_parts_that_are_all_text_become_a_string() -> None:
    parts = [{"type": "text", "text": "passages"}, {"type": "text", "text": "question"}]
    assert sent({"role": "user", "content": parts, "name": "ann"}) == [
        {"role": "user", "content": "passages\nquestion", "name": "ann"}
    ]


@pytest.mark.parametrize("part", [IMAGE, AUDIO, FILE, VIDEO], ids=lambda part: part["type"])
def test_media_are_passed_on(part: dict[str, Any]) -> None:
    marked = {**part, "cache_control": {"type": "ephemeral"}}
    assert sent({"role": "user", "content": [TEXT, marked]})[0]["content"] == [TEXT, part]


def test_fields_of_others_are_left_out() -> None:
    assistant: dict[str, Any] = {
        "role": "assistant",
        "content": "said",
        "annotations": [],
        "context": {},
        "reasoning_content": "hm",
        "extra_content": {"google": {}},
    }
    assert sent(USER, assistant)[1] == {"role": "assistant", "content": "said"}


def test_calls_and_their_results_are_passed_on_without_signatures() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    custom = {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "x"}}
    signed = {**call, "extra_content": {"google": {"thought_signature": "s"}}}
    made = sent(
        USER,
        {"role": "assistant", "content": None, "tool_calls": [signed, custom]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "found"}]},
        {"role": "tool", "tool_call_id": "c2", "content": "done"},
    )
    written = {**call, "function": {"name": "f", "arguments": "{}"}}
    assert made[1:] == [
        {"role": "assistant", "content": None, "tool_calls": [written, custom]},
        {"role": "tool", "tool_call_id": "c1", "content": "found"},
        {"role": "tool", "tool_call_id": "c2", "content": "done"},
    ]


def test_an_id_too_long_for_openai_stays_the_same_in_both_places() -> None:
    long = "call_" + "x" * 4_000
    call = {"id": long, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    made = sent(
        USER,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": long, "content": ""},
    )
    short = made[1]["tool_calls"][0]["id"]
    assert len(short) <= MAX_CALL_ID_CHARS
    assert made[2]["tool_call_id"] == short


def test_legacy_calls_become_tool_calls_with_their_results() -> None:
    made = sent(
        USER,
        {"role": "assistant", "function_call": {"name": "f", "arguments": '{"a":1}'}},
        {"role": "function", "name": "f", "content": "found"},
        {"role": "function", "name": "unheard", "content": None},
    )
    (call,) = made[1]["tool_calls"]
    assert call["function"] == {"name": "f", "arguments": '{"a":1}'}
    assert made[2] == {"role": "tool", "tool_call_id": call["id"], "content": "found"}
    assert made[3]["content"] == ""
    assert made[3]["tool_call_id"] != call["id"]


def test_what_was_refused_is_what_was_said() -> None:
    assert sent(USER, {"role": "assistant", "refusal": "No."})[1]["content"] == "No."
    assert sent(USER, {"role": "assistant"})[1]["content"] == ""
