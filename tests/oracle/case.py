"""One row of the oracle's table: a chat as OpenAI's clients write it and as google-genai's do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.genai import types

MODEL = "gemini-3.8-flash"

OpenAIMessage = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A request in both languages."""

    name: str
    chat: dict[str, Any]
    """The OpenAI body without `model`."""
    contents: str | Sequence[types.Content]
    """What the SDK's user hands over; so is `config`."""
    config: types.GenerateContentConfig | None = None
    model: str = MODEL
    differs: tuple[str, ...] = ()
    """Names out of `differences.DIFFERENCES`; without each of them the two would not be equal."""

    def __str__(self) -> str:
        """Name the row in a test's id."""
        return self.name


def ask(content: Any = "Why?", **options: Any) -> dict[str, Any]:
    """Return a chat of one question."""
    return chat({"role": "user", "content": content}, **options)


def chat(*messages: OpenAIMessage, **options: Any) -> dict[str, Any]:
    """Return a chat."""
    return {"messages": list(messages), **options}


def message(role: str, content: Any = None, **fields: Any) -> OpenAIMessage:
    """Return a message of OpenAI's."""
    return {"role": role, "content": content, **fields}


def user(*parts: types.Part | str) -> types.Content:
    """Return a turn of the SDK's user."""
    return types.Content(role="user", parts=[_part(part) for part in parts])


def model(*parts: types.Part | str) -> types.Content:
    """Return a turn of the SDK's model."""
    return types.Content(role="model", parts=[_part(part) for part in parts])


def _part(part: types.Part | str) -> types.Part:
    return types.Part(text=part) if isinstance(part, str) else part
