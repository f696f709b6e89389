"""POST /v1/chat/completions: the request, validated and frozen.

Every string, list and number is bounded: an unbounded `n` stopped a vLLM server
(CVE-2026-34756), and a hundred thousand messages block an event loop for half a second.
Names this file does not know are kept aside in `ignored_params`, not refused: chat UIs send many.

Source: the `openai` package's request types (3.51) and https://platform.openai.com/docs/api-reference/chat.
"""

from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)

MAX_MESSAGES = 2_048
MAX_TEXT_CHARS = 4_000_000
MAX_CHOICES = 8

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]


class Wire(BaseModel):
    """Base of everything read from a client: frozen, no NaN, unknown keys kept for a report."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="allow")


class TextPart(Wire):
    """A part of a message's content."""

    type: Literal["text"]
    text: Text


def _content_tag(content: object) -> str:
    return "<parts>" if isinstance(content, list) else "<text>"


Content = Annotated[
    Annotated[Text, Tag("<text>")]
    | Annotated[
        list[TextPart], Field(min_length=1, max_length=1_024, fail_fast=True), Tag("<parts>")
    ],
    Discriminator(_content_tag),
]


class SystemMessage(Wire):
    """Instructions of the application; `developer` is the newer word for `system`."""

    role: Literal["system", "developer"]
    content: Content


class UserMessage(Wire):
    """What the person says."""

    role: Literal["user"]
    content: Content
    name: Annotated[str, Field(max_length=256)] | None = None


class AssistantMessage(Wire):
    """What the model said before."""

    role: Literal["assistant"]
    content: Content | None = None
    name: Annotated[str, Field(max_length=256)] | None = None


def _role_tag(message: object) -> str:
    role = (
        cast("dict[str, object]", message).get("role")
        if isinstance(message, dict)
        else getattr(message, "role", None)
    )
    return "<system>" if role == "developer" else f"<{role}>"


Message = Annotated[
    Annotated[SystemMessage, Tag("<system>")]
    | Annotated[UserMessage, Tag("<user>")]
    | Annotated[AssistantMessage, Tag("<assistant>")],
    Discriminator(
        _role_tag,
        custom_error_type="unknown_role",
        custom_error_message="a message has the role system, developer, user or assistant",
    ),
]


class StreamOptions(Wire):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None


class ChatCompletionRequest(Wire):
    """A chat to continue."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES, fail_fast=True)]
    model: Annotated[str, Field(min_length=1, max_length=512)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=1, le=1_000)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    stop: (
        Annotated[str, Field(max_length=1_024)]
        | Annotated[list[Annotated[str, Field(max_length=1_024)]], Field(max_length=4)]
        | None
    ) = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = (
        None
    )
    user: Annotated[str, Field(max_length=512)] | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Field(max_length=64)],
                Annotated[str, Field(max_length=512)],
            ],
            Field(max_length=16),
        ]
        | None
    ) = None
    rag: dict[str, Any] | None = None
    """Retrieval options, read by `protocol/rag_options.py`."""
    extra_body: dict[str, Any] | None = None
    """Some SDKs nest what others flatten: `extra_body.rag` counts as `rag`."""

    @field_validator("stop")
    @classmethod
    def _no_empty_stop(cls, stop: str | list[str] | None) -> list[str] | None:
        """Make one form of three: a list without empty strings, or None."""
        sequences = [stop] if isinstance(stop, str) else stop or []
        return [sequence for sequence in sequences if sequence] or None

    @property
    def ignored_params(self) -> list[str]:
        """Names of the parameters that have no effect here, sorted."""
        return sorted(self.model_extra or {})

    @property
    def output_limit(self) -> int | None:
        """The most tokens the answer may have; the newer name wins."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stop_sequences(self) -> list[str]:
        """Where the answer ends, at most four."""
        return list(self.stop) if self.stop else []


def text_of(content: Content | None) -> str:
    """Return the text of a message's content, parts joined by line breaks."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content)
