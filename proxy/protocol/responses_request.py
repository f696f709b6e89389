"""POST /v1/responses: the request, validated and frozen.

The endpoint is stateless. What would need a memory (`previous_response_id`, `conversation`) or
somebody to come back for the answer (`background`) is refused; `store` has no effect.

Source: `openai.types.responses.response_create_params` (3.51) and
https://platform.openai.com/docs/api-reference/responses/create.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import Discriminator, Field, StrictBool, StrictFloat, StrictInt, Tag, model_validator
from pydantic_core import PydanticCustomError

from proxy.protocol.chat_request import MAX_MESSAGES
from proxy.protocol.response_format import JsonObjectFormat, JsonSchema, TextFormat
from proxy.protocol.responses_items import Item
from proxy.protocol.responses_tools import FlatChoiceParam, FlatTools
from proxy.protocol.tags import type_tag
from proxy.protocol.unsupported import first_unsupported
from proxy.protocol.wire import Text, Wire, one_or_list

MAX_ITEMS = MAX_MESSAGES - 1
"""With the instructions they make a chat of at most `MAX_MESSAGES`."""

UNSUPPORTED_PARAMS: Mapping[str, tuple[object, ...]] = {
    "previous_response_id": (),
    "conversation": (),
    "background": (False,),
    "prompt": (),
    "context_management": ([],),
    "image": ({}, {"context_compression": "auto"}),
    "access_programs": ({}, {"cyber": "standard"}),
    "moderation": ({},),
}
"""By parameter: the values, beside null, that ask for nothing."""

_STATELESS: LiteralString = (
    "Responses are not kept here; send the earlier turns in 'input': what was sent before, then the"
    " items of 'output', then the new message"
)
_INSTEAD: Mapping[str, LiteralString] = {
    "previous_response_id": _STATELESS,
    "conversation": _STATELESS + " (POST /api/chat keeps conversations)",
}
"""What to do without an unsupported parameter."""


class FlatJsonSchemaFormat(JsonSchema):
    """JSON that a schema describes."""

    type: Literal["json_schema"]


FlatFormat = Annotated[
    Annotated[TextFormat, Tag("<text>")]
    | Annotated[JsonObjectFormat, Tag("<json_object>")]
    | Annotated[FlatJsonSchemaFormat, Tag("<json_schema>")],
    Discriminator(
        type_tag,
        custom_error_type="unknown_format",
        custom_error_message="A text format is text, json_object or json_schema",
    ),
]


class TextOptions(Wire):
    """What the text is to be like; `verbosity` has no effect."""

    format: FlatFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningOptions(Wire):
    """How much to think, and whether to tell of it."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    """The older name of `summary`."""

    @property
    def wants_summary(self) -> bool:
        """Whether the client wants to see thoughts."""
        return (self.summary or self.generate_summary) is not None


class ResponsesRequest(Wire):
    """A response to make."""

    model: Annotated[str, Field(min_length=1, max_length=512)]
    input: Annotated[
        Annotated[Text, Tag("<one>")]
        | Annotated[
            list[Item], Field(min_length=1, max_length=MAX_ITEMS, fail_fast=True), Tag("<list>")
        ],
        Discriminator(one_or_list),
    ]
    instructions: Text | None = None
    stream: StrictBool | None = None
    max_output_tokens: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None = None
    temperature: Annotated[StrictFloat, Field(ge=0.0, le=2.0)] | None = None
    top_p: Annotated[StrictFloat, Field(ge=0.0, le=1.0)] | None = None
    top_logprobs: Annotated[StrictInt, Field(ge=0, le=20)] | None = None
    tools: FlatTools | None = None
    tool_choice: FlatChoiceParam | None = None
    parallel_tool_calls: StrictBool | None = None
    text: TextOptions | None = None
    reasoning: ReasoningOptions | None = None
    include: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=16)] | None = (
        None
    )
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
    user: Annotated[str, Field(max_length=512)] | None = None
    safety_identifier: Annotated[str, Field(max_length=512)] | None = None
    service_tier: Annotated[str, Field(max_length=32)] | None = None
    prompt_cache_key: Annotated[str, Field(max_length=512)] | None = None
    store: StrictBool | None = None
    """Without effect, as `truncation` and `max_tool_calls`."""
    truncation: Literal["auto", "disabled"] | None = None
    max_tool_calls: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)] | None = None
    stream_options: dict[str, Any] | None = None
    google: dict[str, Any] | None = None
    safety_settings: Annotated[list[dict[str, Any]], Field(max_length=16)] | None = None
    rag: dict[str, Any] | None = None
    """Retrieval options, read by `protocol/rag_options.py`."""
    extra_body: dict[str, Any] | None = None
    """Some SDKs nest what others flatten: `extra_body.rag` counts as `rag`."""

    @model_validator(mode="after")
    def _is_supported(self) -> Self:
        """Refuse what would be missed if it were ignored."""
        asked = self.model_extra or {}
        if (param := first_unsupported(asked, UNSUPPORTED_PARAMS)) is not None:
            message = _INSTEAD.get(param, "It is not supported here")
            raise PydanticCustomError("unsupported_parameter", message, {"param": param})
        return self

    @property
    def ignored_params(self) -> list[str]:
        """Names of the parameters nobody here knows, sorted."""
        return sorted((self.model_extra or {}).keys() - UNSUPPORTED_PARAMS.keys())

    @property
    def wants_signatures(self) -> bool:
        """Whether thought signatures are to go out as the reasoning's encrypted content."""
        return "reasoning.encrypted_content" in (self.include or ())

    @property
    def wants_logprobs(self) -> bool:
        """Whether the text is to come with the likelihood of its tokens."""
        return bool(self.top_logprobs) or "message.output_text.logprobs" in (self.include or ())
