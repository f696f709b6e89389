"""The events of an answer, in the order they come: the one type that flows up from a generator.

A stream is an async iterator of *batches* (lists) of events: what arrived from the upstream
together travels together, so that fifty waiting tokens cost one send. `protocol/sse.py` writes the
events as chat completion chunks, `protocol/accumulate.py` folds them into one chat completion.

These are plain slotted classes, not pydantic models: building a model per token is what makes
gateways slow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


@dataclass(slots=True)
class TextDelta:
    """Text that continues the answer of choice `index`; never empty."""

    text: str
    index: int = 0


@dataclass(slots=True)
class ReasoningDelta:
    """What the model thinks, as far as it lets one know; only where the client asked for it."""

    text: str
    index: int = 0


@dataclass(slots=True)
class ToolCallDelta:
    """A whole call: Gemini delivers calls in one piece, so does this proxy."""

    position: int
    """Counts the calls of one choice, from 0."""
    call_id: str
    name: str
    arguments: str
    """JSON of a function's arguments, `{}` for none; the input of a custom tool."""
    kind: Literal["function", "custom", "legacy"] = "function"
    """`legacy`: the client declared `functions` and is answered with `function_call`."""
    signature: str | None = None
    """Gemini's thought signature, which has to come back with the call."""
    index: int = 0


@dataclass(slots=True)
class ImageDelta:
    """An image the model made."""

    url: str
    """A data URL."""
    position: int
    """Counts the images of one choice, from 0."""
    index: int = 0


@dataclass(slots=True)
class LogprobsDelta:
    """How likely the tokens were; OpenAI's entries."""

    content: list[dict[str, Any]]
    index: int = 0


@dataclass(slots=True)
class Sources:
    """The passages behind the answer; at most once a choice, right before its `Finish`."""

    annotations: list[dict[str, Any]]
    """`url_citation` annotations for the markers used, in the order of their places."""
    context: dict[str, Any] | None
    """`{"intent", "citations"}`, every passage given to the model; None where only the upstream's
    own search has sources."""
    index: int = 0
    file_citations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The book and the file behind each marker, for `/v1/responses`; @ai-sdk/openai fails on them
    in a chat completion."""
    quotes: list[str | None] = field(default_factory=list[str | None])
    """For each marker, in the same order, the line of its passage that says it; None: no line."""
    doubts: Sequence[Sequence[str]] = ()
    """For each marker why its passage does not support its sentence; empty: nothing says so."""


@dataclass(slots=True)
class Finish:
    """The end of one choice."""

    reason: FinishReason
    native_reason: str | None = None
    """The upstream's own word for it."""
    content_filter: dict[str, Any] | None = None
    """Why a filter stopped the answer, where the upstream says so."""
    index: int = 0
    signature: str | None = None
    """Gemini's thought signature of the text; it may come back with it, and need not."""


@dataclass(slots=True)
class Usage:
    """Tokens of the whole request, all choices together; exactly once, last."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Includes `reasoning_tokens`."""
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    audio_tokens: int = 0
    """Of the prompt, as `image_tokens`."""
    image_tokens: int = 0
    service_tier: str | None = None
    """OpenAI's word for how the request was served, where the upstream says so."""

    @property
    def total_tokens(self) -> int:
        """Return prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(slots=True)
class AnsweredBy:
    """Another model answers than the one that was asked; the first event of all, if it comes.

    It is for who writes headers (`api/answering.py`): no client sees it in an answer.
    """

    model: str
    """Its upstream name."""
    index: int = 0


ChatEvent = (
    AnsweredBy
    | TextDelta
    | ReasoningDelta
    | ToolCallDelta
    | ImageDelta
    | LogprobsDelta
    | Sources
    | Finish
    | Usage
)


def model_in(batch: list[ChatEvent]) -> str | None:
    """Return which other model answers, where the batch begins with saying so."""
    first = batch[0]
    return first.model if type(first) is AnsweredBy else None
