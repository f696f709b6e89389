"""The messages of a chat as every OpenAI-compatible upstream takes them: the plainest form.

Instructions at the beginning become one system message, for chat templates (Qwen's, Mistral's)
refuse a second one, and no local server knows `developer`. Parts that are all text become a string.
Legacy function calls become tool calls. Fields that are not OpenAI's are left out: Groq and Mistral
refuse a message with a key they do not know.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from proxy.protocol.content import Content, Part, TextContent, TextOnlyPart, TextPart, text_of
from proxy.protocol.messages import (
    AssistantMessage,
    FunctionMessage,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from proxy.protocol.thought_signatures import given_signature, signed
from proxy.protocol.tools import CustomCall, ToolCall
from proxy.protocol.wire import Wire

MAX_CALL_ID_CHARS = 40
"""OpenAI refuses longer ones; clients bring some from other upstreams."""


def messages_to_openai(
    messages: Sequence[Message], *, with_signatures: bool = False
) -> list[dict[str, Any]]:
    """Return the messages, in order; calls carry their thought signatures only where asked."""
    leading = next(
        (i for i, m in enumerate(messages) if not isinstance(m, SystemMessage)), len(messages)
    )
    instructions = [text_of(message.content) for message in messages[:leading]]
    made: list[dict[str, Any]] = []
    if instructions:
        made.append({"role": "system", "content": "\n\n".join(instructions)})
    legacy_ids: dict[str, str] = {}
    for place, message in enumerate(messages[leading:], start=leading):
        made.append(_message(message, place, legacy_ids))
        if with_signatures and isinstance(message, AssistantMessage):
            _sign(made[-1], message)
    return made


def _message(message: Message, place: int, legacy_ids: dict[str, str]) -> dict[str, Any]:
    """Return one message; `legacy_ids` has the id of the last call of each legacy function."""
    if isinstance(message, ToolMessage):
        content = _content(message.content)
        return {"role": "tool", "tool_call_id": call_id(message.tool_call_id), "content": content}
    if isinstance(message, FunctionMessage):
        found = legacy_ids.get(message.name, f"call_{place}")
        return {"role": "tool", "tool_call_id": found, "content": message.content or ""}
    if isinstance(message, AssistantMessage):
        return _named(_assistant(message, place, legacy_ids), message.name)
    if isinstance(message, UserMessage):
        return _named({"role": "user", "content": _content(message.content)}, message.name)
    return _named({"role": "system", "content": text_of(message.content)}, message.name)


def _assistant(message: AssistantMessage, place: int, legacy_ids: dict[str, str]) -> dict[str, Any]:
    calls = [_call(call) for call in message.tool_calls or ()]
    if message.function_call is not None:
        name = message.function_call.name
        legacy_ids[name] = f"call_{place}"
        function = {"name": name, "arguments": message.function_call.arguments or "{}"}
        calls.append({"id": legacy_ids[name], "type": "function", "function": function})
    text = text_of(message.content) or message.refusal or ""
    if not calls:
        return {"role": "assistant", "content": text}
    return {"role": "assistant", "content": text or None, "tool_calls": calls}


def _call(call: ToolCall) -> dict[str, Any]:
    made: dict[str, Any] = {"id": call_id(call.id), "type": "function"}
    called = call.called
    if isinstance(called, CustomCall):
        custom = {"name": called.name, "input": called.input}
        return {**made, "type": "custom", "custom": custom}
    return {**made, "function": {"name": called.name, "arguments": called.arguments or "{}"}}


def _sign(made: dict[str, Any], message: AssistantMessage) -> None:
    for written, call in zip(made.get("tool_calls", ()), message.tool_calls or (), strict=False):
        written.update(signed(given_signature(call.extra_content)))


def call_id(given: str) -> str:
    """Return an id that OpenAI takes, the same one for the same."""
    if len(given) <= MAX_CALL_ID_CHARS:
        return given
    return f"call_{hashlib.sha256(given.encode()).hexdigest()[:24]}"


def _content(content: Content | TextContent) -> str | list[dict[str, Any]]:
    if isinstance(content, str) or all(isinstance(part, TextPart) for part in content):
        return text_of(content)
    return [_part(part) for part in content]


def _part(part: Part | TextOnlyPart) -> dict[str, Any]:
    body: Wire | str = getattr(part, part.type)  # the payload stands under the name of its type
    if not isinstance(body, str):
        declared = set(type(body).model_fields)
        return {"type": part.type, part.type: body.model_dump(include=declared, exclude_none=True)}
    return {"type": part.type, part.type: body}


def _named(message: dict[str, Any], name: str | None) -> dict[str, Any]:
    return {**message, "name": name} if name else message
