"""Reading answers of Gemini: a reader for a request, and the candidates it is fed."""

from typing import Any

from proxy.adapters.gemini.profiles import profile_of
from proxy.adapters.gemini.request import chat_to_gemini
from proxy.adapters.gemini.stream import AnswerReader
from proxy.protocol.chat_events import ChatEvent, ToolCallDelta
from tests.support.builders import make_chat_request

TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "f"}},
    {"type": "function", "function": {"name": "1st"}},
    {"type": "custom", "custom": {"name": "shell"}},
]


def reader_of(**fields: Any) -> AnswerReader:
    """Return a reader of the answer to a request of these fields."""
    chat = make_chat_request(**fields)
    return AnswerReader(chat_to_gemini(chat, profile_of("gemini-3.8-flash"), lambda _id: None))


def read(*responses: Any, **fields: Any) -> list[ChatEvent]:
    """Return the events of a whole answer."""
    reader = reader_of(**fields)
    return [*reader.feed(list(responses)), *reader.finish()]


def candidate(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a response of one candidate."""
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **fields}]}


def call(name: str = "f", **fields: Any) -> dict[str, Any]:
    """Return the part of a call."""
    return {"functionCall": {"name": name, **fields}}


def calls_in(events: list[ChatEvent]) -> list[ToolCallDelta]:
    """Return the calls."""
    return [event for event in events if isinstance(event, ToolCallDelta)]


def piece(path: str, **value: Any) -> dict[str, Any]:
    """Return the part that holds a piece of a call's arguments."""
    return {"functionCall": {"partialArgs": [{"jsonPath": path, **value}], "willContinue": True}}
