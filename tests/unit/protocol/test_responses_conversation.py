"""The items of an input become the messages that say the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.responses_to_chat import responses_to_chat
from tests.support.responses import request

CALL = {
    "type": "function_call",
    "call_id": "c1",
    "name": "look",
    "arguments": '{"at":1}',
    "id": "x",
}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "2 bar"}
REASONING: dict[str, Any] = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [],
    "encrypted_content": "Csig",
}
SAID: dict[str, Any] = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Let me see.", "annotations": []}],
}
CALLED = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at":1}'}}


def _messages(*items: Any) -> list[dict[str, Any]]:
    chat = responses_to_chat(request(input=[*items])).chat
    return [message.model_dump(exclude_none=True) for message in chat.messages]


TABLE: dict[str, tuple[Sequence[Any], list[dict[str, Any]]]] = {
    "easy form": (
        [{"role": "developer", "content": "Brief."}, {"role": "user", "content": "When?"}],
        [
            {"role": "system", "content": [{"type": "text", "text": "Brief."}]},
            {"role": "user", "content": "When?"},
        ],
    ),
    "parts": (
        [
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is this?"},
                    {"type": "input_image", "image_url": "data:,a", "detail": "low"},
                    {"type": "input_file", "file_data": "YQ==", "filename": "a.pdf"},
                    {"type": "input_file", "file_url": "data:text/plain;base64,YQ=="},
                    {"type": "input_audio", "input_audio": {"data": "YQ==", "format": "wav"}},
                ],
            }
        ],
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:,a", "detail": "low"}},
                    {"type": "file", "file": {"file_data": "YQ==", "filename": "a.pdf"}},
                    {"type": "file", "file": {"file_data": "data:text/plain;base64,YQ=="}},
                    {"type": "input_audio", "input_audio": {"data": "YQ==", "format": "wav"}},
                ],
            }
        ],
    ),
    "no parts": ([{"role": "user", "content": []}], [{"role": "user", "content": ""}]),
    "a call and its result": (
        [SAID, CALL, OUTPUT],
        [
            {"role": "assistant", "content": "Let me see.", "tool_calls": [CALLED]},
            {"role": "tool", "content": "2 bar", "tool_call_id": "c1"},
        ],
    ),
    "text after the call": (
        [CALL, SAID, OUTPUT],
        [
            {"role": "assistant", "content": "Let me see.", "tool_calls": [CALLED]},
            {"role": "tool", "content": "2 bar", "tool_call_id": "c1"},
        ],
    ),
    "parallel calls": (
        [CALL, {**CALL, "call_id": "c2"}, OUTPUT, {**OUTPUT, "call_id": "c2"}],
        [
            {"role": "assistant", "tool_calls": [CALLED, {**CALLED, "id": "c2"}]},
            {"role": "tool", "content": "2 bar", "tool_call_id": "c1"},
            {"role": "tool", "content": "2 bar", "tool_call_id": "c2"},
        ],
    ),
    "a custom call": (
        [
            {"type": "custom_tool_call", "call_id": "c1", "name": "sql", "input": "select 1"},
            {
                "type": "custom_tool_call_output",
                "call_id": "c1",
                "output": [{"type": "input_text", "text": "1"}],
            },
        ],
        [
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c1", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}
                ],
            },
            {"role": "tool", "content": [{"type": "text", "text": "1"}], "tool_call_id": "c1"},
        ],
    ),
    "a signature goes to the call it came with": (
        [REASONING, SAID, CALL, {**CALL, "call_id": "c2"}],
        [
            {
                "role": "assistant",
                "content": "Let me see.",
                "tool_calls": [
                    {**CALLED, "extra_content": {"google": {"thought_signature": "Csig"}}},
                    {**CALLED, "id": "c2"},
                ],
            }
        ],
    ),
    "a signature does not outlive its turn": (
        [REASONING, {"role": "user", "content": "And now?"}, CALL],
        [
            {"role": "user", "content": "And now?"},
            {"role": "assistant", "tool_calls": [CALLED]},
        ],
    ),
    "reasoning that only OpenAI can read": (
        [{**REASONING, "encrypted_content": "gAAAAABo"}, CALL],
        [{"role": "assistant", "tool_calls": [CALLED]}],
    ),
    "several texts and a refusal": (
        [
            SAID,
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"type": "file_search_call", "id": "fs_1", "queries": ["q"], "status": "completed"},
            {"type": "image_generation_call", "id": "ig_1", "result": "AA", "status": "completed"},
        ],
        [
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me see."},
                    {"type": "refusal", "refusal": "No."},
                ],
            }
        ],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_items_become_messages(name: str) -> None:
    items, messages = TABLE[name]
    assert _messages(*items) == messages


@pytest.mark.parametrize(
    ("role", "part"),
    [
        ("system", {"type": "input_image", "image_url": "data:,a"}),
        ("assistant", {"type": "input_file", "file_data": "YQ=="}),
        ("user", {"type": "refusal", "refusal": "No."}),
    ],
)
def test_a_part_its_role_cannot_hold_is_refused(role: str, part: dict[str, Any]) -> None:
    text = {"type": "input_text", "text": "Look."}
    item = {"role": role, "content": [text, part]}
    with pytest.raises(InvalidRequest) as refused:
        _messages(item)
    assert refused.value.param == "input[0].content[1].type"
