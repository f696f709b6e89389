"""Calls that a conversation waits for: the reader's page does the work, its result goes on.

A call is a message of its own. While it is `pending` the conversation ends with it; once its result
is there, the turn goes on behind it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from proxy.protocol.chat_events import ToolCallDelta
from proxy.protocol.messages import AssistantMessage, ToolMessage
from proxy.protocol.tools import FunctionCall, ToolCall
from proxy.store import Message

CALL = "call"
"""The kind of such a message."""


def call_message(message_id: str, call: ToolCallDelta, *, model: str, now: datetime) -> Message:
    """Return a call as it is kept."""
    details = {
        "call_id": call.call_id,
        "name": call.name,
        "arguments": call.arguments,
        "signature": call.signature,
    }
    return Message(
        message_id=message_id,
        kind=CALL,
        text="",
        created=now,
        status="pending",
        details=details,
        model=model,
    )


def with_result(call: Message, result: Any) -> Message:
    """Return a call that waits no longer; `result` is any JSON."""
    return replace(call, status="complete", details={**call.details, "result": result})


def arguments_of(call: Message) -> dict[str, Any]:
    """Return what a function was called with; models have written arguments that are no object."""
    try:
        arguments: Any = orjson.loads(call.details["arguments"] or "{}")
    except orjson.JSONDecodeError:
        return {}
    return arguments if isinstance(arguments, dict) else {}  # pyright: ignore[reportUnknownVariableType] - JSON


def as_chat(call: Message) -> list[AssistantMessage | ToolMessage]:
    """Return a call and its result as the model is told of them."""
    details = call.details
    google = {"thought_signature": details["signature"]}
    made = ToolCall(
        id=details["call_id"],
        function=FunctionCall(name=details["name"], arguments=details["arguments"]),
        extra_content={"google": google} if details["signature"] else None,
    )
    result = details["result"]
    content = result if isinstance(result, str) else orjson.dumps(result).decode()
    return [
        AssistantMessage(role="assistant", tool_calls=[made]),
        ToolMessage(role="tool", content=content, tool_call_id=details["call_id"]),
    ]
