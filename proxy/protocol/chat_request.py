"""POST /v1/chat/completions: the request, validated and frozen.

Every string, list and number is bounded: an unbounded `n` stopped a vLLM server
(CVE-2026-34756), and a hundred thousand messages block an event loop for half a second.
Names this file does not know are kept aside in `ignored_params`, not refused: chat UIs send many.

Source: the `openai` package's request types (3.51) and https://platform.openai.com/docs/api-reference/chat.
"""

from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    AliasChoices,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from proxy.errors import UnsupportedParameter
from proxy.protocol.messages import AssistantMessage, Message
from proxy.protocol.response_format import ResponseFormat, TextFormat
from proxy.protocol.tools import (
    MAX_TOOLS,
    FunctionCallParam,
    FunctionDefinition,
    FunctionTool,
    NamedChoice,
    Tool,
    ToolChoice,
    ToolChoiceParam,
    Tools,
)
from proxy.protocol.unsupported import HARMLESS_PARAMS, first_unsupported
from proxy.protocol.wire import Wire, one_or_list

MAX_MESSAGES = 2_048
MAX_CHOICES = 8
SMALL_OUTPUT_TOKENS = 2_048
"""Thoughts count towards the output limit: below this a thinking model may answer with nothing
(googleapis/python-genai#811), so nobody but the client makes it think."""

SAMPLING = frozenset({"temperature", "top_p", "top_k"})
PENALTIES = frozenset({"frequency_penalty", "presence_penalty"})
"""Of 0 they ask for nothing."""
_TUNING = SAMPLING | PENALTIES

StopSequence = Annotated[str, Field(max_length=1_024)]


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
    top_k: Annotated[StrictInt, Field(ge=1, le=1_000)] | None = Field(
        default=None, validation_alias=AliasChoices("top_k", "topK")
    )
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
    reasoning: dict[str, Any] | None = None
    """OpenRouter's form: `{effort, max_tokens, exclude, enabled}`."""
    thinking: dict[str, Any] | None = None
    """Anthropic's form: `{type, budget_tokens}`."""
    google: dict[str, Any] | None = None
    """Google's own extension, as its compatibility layer reads it from `extra_body`."""
    safety_settings: Annotated[list[dict[str, Any]], Field(max_length=16)] | None = None
    tools: Tools | None = None
    tool_choice: ToolChoiceParam | None = None
    parallel_tool_calls: StrictBool | None = None
    functions: (
        Annotated[list[FunctionDefinition], Field(max_length=MAX_TOOLS, fail_fast=True)] | None
    ) = None
    function_call: FunctionCallParam | None = None
    response_format: ResponseFormat | None = None
    logprobs: StrictBool | None = None
    top_logprobs: Annotated[StrictInt, Field(ge=0, le=20)] | None = None
    modalities: Annotated[list[str], Field(max_length=4)] | None = None
    service_tier: Annotated[str, Field(max_length=32)] | None = None
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

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        """Refuse what contradicts itself, as OpenAI does."""
        if self.top_logprobs and not self.logprobs:
            raise _wrong("top_logprobs", "needs 'logprobs' to be true")
        if not (self.tools or self.functions or self.tool_choice or self.function_call):
            return self
        names = [_tool_name(tool) for tool in self.declared_tools]
        if len(set(names)) != len(names):
            raise _wrong("tools", "has two tools of one name")
        choice = self.choice
        if choice.mode != "none" and self._asks_for_a_choice and not names:
            raise _wrong("tool_choice", "is only allowed when tools are given")
        if unknown := set(choice.names) - set(names):
            raise _wrong("tool_choice", f"names an unknown tool: {min(unknown)!r:.100}")
        return self

    @property
    def _asks_for_a_choice(self) -> bool:
        given = self.tool_choice if self.tool_choice is not None else self.function_call
        return given is not None and given != "auto"

    @property
    def uses_legacy_functions(self) -> bool:
        """Whether calls are to be answered as `function_call`."""
        return bool(self.functions) and not self.tools

    @property
    def declared_tools(self) -> list[Tool]:
        """The tools, legacy functions among them."""
        if self.tools:
            return list(self.tools)
        return [FunctionTool(type="function", function=f) for f in self.functions or ()]

    @property
    def choice(self) -> ToolChoice:
        """What the model must do about its tools."""
        given = self.function_call if self.uses_legacy_functions else self.tool_choice
        if isinstance(given, NamedChoice):
            return given.choice()
        return ToolChoice(given or "auto")

    @property
    def says_how_to_think(self) -> bool:
        """Whether the client asked for some amount of thinking, in any of its forms."""
        google = self.google_options.get("thinking_config")
        return bool(self.reasoning_effort or self.reasoning or self.thinking or google)

    @property
    def google_options(self) -> dict[str, Any]:
        """Google's own extension, from where SDKs that nest `extra_body` put it too."""
        if self.google or not self.extra_body:
            return self.google or {}
        nested = self.extra_body.get("google")
        return cast("dict[str, Any]", nested) if isinstance(nested, dict) else {}

    @property
    def has_parts(self) -> bool:
        """Whether any message is more than one text: media stand nowhere else."""
        return list in [type(message.content) for message in self.messages]

    @property
    def wants_json(self) -> bool:
        """Whether the answer is to be JSON, in which nothing may be written between."""
        return not (self.response_format is None or isinstance(self.response_format, TextFormat))

    @property
    def ignored_params(self) -> list[str]:
        """Names of the parameters that have no effect here, sorted."""
        extra = self.model_extra
        return sorted(extra.keys() - HARMLESS_PARAMS.keys()) if extra else []

    @property
    def tuning(self) -> set[str]:
        """Names of the sampling parameters and penalties that are asked for."""
        given = self.model_fields_set & _TUNING
        return {n for n in given if (value := getattr(self, n)) or (value == 0 and n in SAMPLING)}

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
        if self.model_extra or self.modalities is not None:
            asked: dict[str, object] = {**(self.model_extra or {}), "modalities": self.modalities}
            if (param := first_unsupported(asked, HARMLESS_PARAMS)) is not None:
                raise UnsupportedParameter(f"'{param}' is not supported here.", param=param)
        for i, message in enumerate(self.messages):
            if isinstance(message, AssistantMessage) and (message.model_extra or {}).get("audio"):
                raise UnsupportedParameter(
                    "No audio is kept here that a message could refer to.",
                    param=f"messages[{i}].audio",
                    code="unsupported_value",
                )


def _tool_name(tool: Tool) -> str:
    return tool.function.name if isinstance(tool, FunctionTool) else tool.custom.name


def _wrong(param: str, what: str) -> PydanticCustomError:
    # The message goes to a client as it stands, hence no template of pydantic's.
    return PydanticCustomError("invalid_value", f"'{param}' {what}", {"param": param})  # type: ignore[arg-type]
