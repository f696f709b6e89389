"""POST /v1/chat/completions: the request, validated and frozen.

Every string, list and number is bounded: an unbounded `n` stopped a vLLM server
(CVE-2026-34756), and a hundred thousand messages block an event loop for half a second.
Names this file does not know are kept aside in `ignored_params`, not refused: chat UIs send many.

Source: the `openai` package's request types (3.51) and https://platform.openai.com/docs/api-reference/chat.
"""

from typing import Annotated, Any, Literal, NoReturn, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    Tag,
    field_validator,
)
from pydantic_core import PydanticCustomError

from proxy.errors import UnsupportedParameter
from proxy.protocol.unsupported import (
    HARMLESS_IN_ASSISTANT_MESSAGE,
    HARMLESS_PARAMS,
    first_unsupported,
)

MAX_MESSAGES = 2_048
MAX_TEXT_CHARS = 4_000_000
MAX_CHOICES = 8
SMALL_OUTPUT_TOKENS = 2_048
"""Thoughts count towards the output limit: below this a thinking model may answer with nothing
(googleapis/python-genai#811), so nobody but the client makes it think."""

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
StopSequence = Annotated[str, Field(max_length=1_024)]


class Wire(BaseModel):
    """Base of everything read from a client: frozen, no NaN, unknown keys kept for a report."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="allow")


class TextPart(Wire):
    """A part of a message's content."""

    type: Literal["text"]
    text: Text


def one_or_list(value: object) -> str:
    """Return the tag of what a client may give alone or as a list; tags keep `param` readable."""
    return "<list>" if isinstance(value, list) else "<one>"


Content = Annotated[
    Annotated[Text, Tag("<one>")]
    | Annotated[
        list[TextPart], Field(min_length=1, max_length=1_024, fail_fast=True), Tag("<list>")
    ],
    Discriminator(one_or_list),
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


def _refuse_tool_result(_message: object) -> NoReturn:
    raise PydanticCustomError(
        "unsupported_parameter", "Results of tools are not supported", {"param": "role"}
    )


_TAGS = {"developer": "<system>", "function": "<tool>"}


def _role_tag(message: object) -> str:
    if isinstance(message, dict):
        role = cast("dict[str, object]", message).get("role")
    else:
        role = getattr(message, "role", None)
    if role is None:  # a message of some role: its own validation says what is missing
        return "<user>"
    return _TAGS.get(str(role), f"<{role}>")


Message = Annotated[
    Annotated[SystemMessage, Tag("<system>")]
    | Annotated[UserMessage, Tag("<user>")]
    | Annotated[AssistantMessage, Tag("<assistant>")]
    | Annotated[UserMessage, BeforeValidator(_refuse_tool_result), Tag("<tool>")],
    Discriminator(
        _role_tag,
        custom_error_type="unknown_role",
        custom_error_message="A message has the role system, developer, user or assistant",
        custom_error_context={"param": "role"},
    ),
]


class StreamOptions(Wire):
    """What a stream carries besides the answer."""

    include_usage: StrictBool | None = None


class ChatCompletionRequest(Wire):
    """A chat to continue."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES, fail_fast=True)]
    model: Annotated[str, Field(min_length=1, max_length=512)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None = None
    max_completion_tokens: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None = None
    temperature: Annotated[StrictFloat, Field(ge=0.0, le=2.0)] | None = None
    top_p: Annotated[StrictFloat, Field(ge=0.0, le=1.0)] | None = None
    top_k: Annotated[StrictInt, Field(ge=1, le=1_000)] | None = None
    seed: Annotated[StrictInt, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    presence_penalty: Annotated[StrictFloat, Field(ge=-2.0, le=2.0)] | None = None
    frequency_penalty: Annotated[StrictFloat, Field(ge=-2.0, le=2.0)] | None = None
    stop: (
        Annotated[
            Annotated[StopSequence, Tag("<one>")]
            | Annotated[list[StopSequence], Field(max_length=4, fail_fast=True), Tag("<list>")],
            Discriminator(one_or_list),
        ]
        | None
    ) = None
    n: Annotated[StrictInt, Field(ge=1, le=MAX_CHOICES)] | None = None
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
            Field(max_length=16, fail_fast=True),
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
        return sorted((self.model_extra or {}).keys() - HARMLESS_PARAMS.keys())

    @property
    def output_limit(self) -> int | None:
        """The most tokens the answer may have; the newer name wins."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def has_small_output_limit(self) -> bool:
        """Whether thinking could use up what the answer may have."""
        limit = self.output_limit
        return limit is not None and limit <= SMALL_OUTPUT_TOKENS

    @property
    def stop_sequences(self) -> list[str]:
        """Where the answer ends, at most four."""
        return list(self.stop) if self.stop else []

    def check_supported(self) -> None:
        """Return when everything that was asked for can be done.

        Raises:
            UnsupportedParameter: not so; see `protocol/unsupported.py`.
        """
        asked: dict[str, object] = {**(self.model_extra or {}), "n": self.n}
        param = first_unsupported(asked, HARMLESS_PARAMS)
        for i, message in enumerate(self.messages):
            if param is None and message.model_extra and isinstance(message, AssistantMessage):
                name = first_unsupported(message.model_extra, HARMLESS_IN_ASSISTANT_MESSAGE)
                param = name and f"messages[{i}].{name}"
        if param is not None:
            raise UnsupportedParameter(f"'{param}' is not supported here.", param=param)


def text_of(content: Content | None) -> str:
    """Return the text of a message's content, parts joined by line breaks."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "\n".join(part.text for part in content)
