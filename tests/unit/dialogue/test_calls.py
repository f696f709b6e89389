"""Calls of the page, as they are kept and as the model is told of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from proxy.dialogue.calls import CALL, arguments_of, as_chat, call_message, with_result
from proxy.protocol.chat_events import ToolCallDelta
from proxy.store import Message

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def kept(arguments: str = "{}", signature: str | None = None) -> Message:
    call = ToolCallDelta(0, "call_1", "look", arguments, signature=signature)
    return call_message("msg_1", call, model="m", now=NOW)


def test_a_call_waits_until_its_result_is_there() -> None:
    call = kept()
    assert (call.kind, call.status) == (CALL, "pending")
    done = with_result(call, {"url": "/x"})
    assert (done.status, done.details["result"]) == ("complete", {"url": "/x"})
    assert "result" not in call.details


@pytest.mark.parametrize(
    ("written", "read"), [('{"a": 1}', {"a": 1}), ("", {}), ("[1]", {}), ("{broken", {})]
)
def test_arguments_are_read_whatever_the_model_wrote(written: str, read: dict[str, Any]) -> None:
    assert arguments_of(kept(written)) == read


@pytest.mark.parametrize(("result", "text"), [("seen", "seen"), ({"a": None}, '{"a":null}')])
def test_the_model_hears_of_the_call_and_its_result(result: object, text: str) -> None:
    made, answered = as_chat(with_result(kept('{"a": 1}', "sig"), result))
    said = made.model_dump(exclude_none=True)["tool_calls"][0]
    assert said["function"] == {"name": "look", "arguments": '{"a": 1}'}
    assert said["extra_content"] == {"google": {"thought_signature": "sig"}}
    assert answered.model_dump() == {"role": "tool", "content": text, "tool_call_id": "call_1"}


def test_a_call_without_a_signature_claims_none() -> None:
    made, _ = as_chat(with_result(kept(), "x"))
    assert "extra_content" not in made.model_dump(exclude_none=True)["tool_calls"][0]
