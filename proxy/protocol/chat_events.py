"""The events of an answer, in the order they come: the one type that flows up from a generator.

A stream is an async iterator of *batches* (lists) of events: what arrived from the upstream
together travels together, so that fifty waiting tokens cost one send. `protocol/sse.py` writes the
events as chat completion chunks, `protocol/accumulate.py` folds them into one chat completion.

These are plain slotted classes, not pydantic models: building a model per token is what makes
gateways slow.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


@dataclass(slots=True)
class TextDelta:
    """Text that continues the answer of choice `index`; never empty."""

    text: str
    index: int = 0


@dataclass(slots=True)
class Sources:
    """The passages behind the answer; at most once a choice, right before its `Finish`."""

    annotations: list[dict[str, Any]]
    """`url_citation` annotations for the markers used, in the order of their places."""
    context: dict[str, Any]
    """`{"intent", "citations"}`, every passage given to the model."""
    index: int = 0


@dataclass(slots=True)
class Finish:
    """The end of one choice."""

    reason: FinishReason
    native_reason: str | None = None
    """The upstream's own word for it."""
    content_filter: dict[str, Any] | None = None
    """Why a filter stopped the answer, where the upstream says so."""
    index: int = 0


@dataclass(slots=True)
class Usage:
    """Tokens of the whole request, all choices together; exactly once, last."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Includes `reasoning_tokens`."""
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    extra: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def total_tokens(self) -> int:
        """Return prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


ChatEvent = TextDelta | Sources | Finish | Usage
