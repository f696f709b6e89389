"""Tool calls, which upstreams send in pieces, to whole ones.

OpenAI numbers the calls and names each in its first piece only. Others repeat id and name in every
piece (vLLM), give every call the number 0 (Ollama), no number (Gemini's own compatibility layer) or
no id, maybe both, or send the arguments as an object; all of that is read as what it means.
"""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from proxy.adapters.openai_compat.text import clean_text
from proxy.protocol.chat_events import ToolCallDelta
from proxy.protocol.thought_signatures import given_signature


@dataclass(slots=True)
class _Call:
    number: int | None
    call_id: str = ""
    name: str = ""
    is_custom: bool = False
    signature: str | None = None
    arguments: list[str] = field(default_factory=list[str])


class CallCollector:
    """The calls of one choice."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        """Whether anything was called."""
        return bool(self._calls)

    def add(self, piece: dict[str, Any]) -> None:
        """Take a piece of `delta.tool_calls`, or one of `message.tool_calls`, which is whole.

        Raises:
            TypeError, AttributeError: it has another shape.
        """
        custom = piece.get("custom")
        body: dict[str, Any] = custom or piece.get("function") or {}
        name, call_id = clean_text(body.get("name")), clean_text(piece.get("id"))
        arguments = body.get("input" if custom else "arguments")
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, separators=(",", ":"))
        text = clean_text(arguments)
        call = self._call(piece.get("index"), call_id, name, text)
        call.is_custom = call.is_custom or custom is not None
        call.signature = call.signature or given_signature(piece.get("extra_content"))
        call.arguments.append(text)

    def _call(self, number: int | None, call_id: str, name: str, arguments: str) -> _Call:
        """Return the call that a piece continues, or begin one."""
        for call in reversed(self._calls):
            if number is not None and call.number != number:
                continue
            if call_id and call.call_id and call_id != call.call_id:
                continue  # one number for every call
            if number is None and not call_id and name:
                break  # neither number nor id: a name begins a call
            if not call_id and _is_next(call, name, arguments):
                break  # one number for every call, and no ids
            call.call_id = call.call_id or call_id
            call.name = call.name or name
            return call
        begun = _Call(number, call_id, name)
        self._calls.append(begun)
        return begun

    def whole(self, index: int, *, is_legacy: bool) -> list[ToolCallDelta]:
        """Return the calls of choice `index` in their order; of legacy calls there is but one."""
        made = [
            ToolCallDelta(
                position=position,
                call_id=call.call_id or f"call_{os.urandom(12).hex()}",
                name=call.name,
                arguments="".join(call.arguments) or ("" if call.is_custom else "{}"),
                kind="custom" if call.is_custom else "legacy" if is_legacy else "function",
                signature=call.signature,
                index=index,
            )
            for position, call in enumerate(self._calls)
        ]
        return made[:1] if is_legacy else made


def _is_next(call: _Call, name: str, arguments: str) -> bool:
    """Whether a named piece cannot continue `call`: another name, or an object behind a whole one.

    The arguments have to be whole: servers that repeat the name in every piece may cut it short.
    """
    if not name or (name == call.name and not arguments.startswith("{")):
        return False
    try:
        json.loads("".join(call.arguments))
    except ValueError:
        return False
    return True
