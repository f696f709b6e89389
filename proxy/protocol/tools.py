"""Tools: what a model may call, what it must, what it called.

Legacy `functions` and `function_call` are read into the same words; custom tools (free text in,
grammar optional) stay apart by their type.

Source: `openai.types.chat.completion_create_params` (3.51).
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from proxy.protocol.tags import type_tag
from proxy.protocol.wire import CallId, Name, Text, Wire

MAX_TOOLS = 512


class FunctionDefinition(Wire):
    """A function the client can run."""

    name: Name
    description: Text | None = None
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments."""
    strict: bool | None = None


class FunctionTool(Wire):
    """A function as a tool."""

    type: Literal["function"]
    function: FunctionDefinition


class CustomDefinition(Wire):
    """A tool that takes free text."""

    name: Name
    description: Text | None = None
    format: dict[str, Any] | None = None


class CustomTool(Wire):
    """A custom tool."""

    type: Literal["custom"]
    custom: CustomDefinition


_BY_TYPE = Discriminator(
    lambda value: type_tag(value, "function"),
    custom_error_type="unsupported_tool",
    custom_error_message="Tools are of the type function or custom here",
)
Tool = Annotated[
    Annotated[FunctionTool, Tag("<function>")] | Annotated[CustomTool, Tag("<custom>")], _BY_TYPE
]


class FunctionCall(Wire):
    """A function with its arguments, as the model wrote them."""

    name: Name
    arguments: Text = ""


class CustomCall(Wire):
    """A custom tool with its input."""

    name: Name
    input: Text = ""


class ToolCall(Wire):
    """A call in an assistant message."""

    id: CallId
    type: Literal["function", "custom"] = "function"
    function: FunctionCall | None = None
    custom: CustomCall | None = None
    extra_content: dict[str, Any] | None = None
    """`{"google": {"thought_signature": …}}` where the client kept it."""

    @model_validator(mode="after")
    def _says_what_is_called(self) -> Self:
        if self.function is None and self.custom is None:
            raise PydanticCustomError("missing", "Field required", {"param": self.type})
        return self

    @property
    def called(self) -> FunctionCall | CustomCall:
        """Return the function or the custom tool with what it is given."""
        return cast("FunctionCall | CustomCall", self.custom or self.function)

    @property
    def name(self) -> str:
        """Return which tool is called."""
        return self.called.name


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """What the model must do about its tools."""

    mode: Literal["none", "auto", "required", "validated"]
    names: tuple[str, ...] = ()
    """The only tools it may call; empty: all."""


class NamedChoice(Wire):
    """`tool_choice` as an object, in all its forms; the model class keeps `param` readable."""

    type: Literal["function", "custom", "allowed_tools"] = "function"
    function: dict[str, Any] | None = None
    custom: dict[str, Any] | None = None
    allowed_tools: dict[str, Any] | None = None
    name: Name | None = None
    """The flat forms: `/v1/responses` and legacy `function_call`."""

    @field_validator("function", "custom")
    @classmethod
    def _has_name(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None and not isinstance(value.get("name"), str):
            raise ValueError("a choice needs the name of a tool")
        return value

    @field_validator("allowed_tools")
    @classmethod
    def _has_tools(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        tools: object = (value or {}).get("tools")
        if value is None or tools is None:
            return value
        if not isinstance(tools, list) or not all(_name(t) for t in cast("list[object]", tools)):
            raise ValueError("the allowed tools are a list of tools with names")
        return value

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        allowed = self.allowed_tools or {}
        if self.type == "allowed_tools" and _is_required(allowed) and not allowed.get("tools"):
            raise PydanticCustomError(
                "invalid_value",
                "A tool is required and none is allowed",
                {"param": "allowed_tools.tools"},
            )
        return self

    def choice(self) -> ToolChoice:
        """Return it in the words of this proxy."""
        if self.type == "allowed_tools":
            allowed = self.allowed_tools or {}
            names = tuple(_name(tool) for tool in allowed.get("tools") or ())
            if not names:  # none is allowed; no names would mean all
                return ToolChoice("none")
            return ToolChoice("required" if _is_required(allowed) else "validated", names)
        named = self.function or self.custom or {"name": self.name}
        return ToolChoice("required", (str(named["name"]),))


def _is_required(allowed: dict[str, Any]) -> bool:
    return allowed.get("mode") == "required"


def _name(tool: object) -> str:
    """Return the name in a tool that is named nested or flat, "" where there is none."""
    if not isinstance(tool, dict):
        return ""
    given = cast("dict[str, object]", tool)
    nested = given.get("function") or given.get("custom")
    name = cast("dict[str, object]", nested if isinstance(nested, dict) else given).get("name")
    return name if isinstance(name, str) else ""


def choice_tag(value: object) -> str:
    """Return the tag of a choice given as a word or as an object."""
    return "<word>" if isinstance(value, str) else "<object>"


ToolChoiceParam = Annotated[
    Annotated[Literal["none", "auto", "required", "validated"], Tag("<word>")]
    | Annotated[NamedChoice, Tag("<object>")],
    Discriminator(choice_tag),
]
FunctionCallParam = Annotated[
    Annotated[Literal["none", "auto"], Tag("<word>")] | Annotated[NamedChoice, Tag("<object>")],
    Discriminator(choice_tag),
]
Tools = Annotated[list[Tool], Field(max_length=MAX_TOOLS, fail_fast=True)]
