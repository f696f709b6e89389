"""The messages of a chat, by role."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from proxy.protocol.content import Content, TextContent
from proxy.protocol.tools import FunctionCall, ToolCall
from proxy.protocol.wire import CallId, Text, Wire

SpeakerName = Annotated[str, Field(max_length=256)]


class SystemMessage(Wire):
    """Instructions of the application; `developer` is the newer word for `system`."""

    role: Literal["system", "developer"]
    content: TextContent
    name: SpeakerName | None = None


class UserMessage(Wire):
    """What the person says."""

    role: Literal["user"]
    content: Content
    name: SpeakerName | None = None


class AssistantMessage(Wire):
    """What the model said and called before."""

    role: Literal["assistant"]
    content: TextContent | None = None
    refusal: Text | None = None
    name: SpeakerName | None = None
    tool_calls: Annotated[list[ToolCall], Field(max_length=512, fail_fast=True)] | None = None
    function_call: FunctionCall | None = None
    extra_content: dict[str, Any] | None = None


class ToolMessage(Wire):
    """The result of a call."""

    role: Literal["tool"]
    content: Content
    tool_call_id: CallId


class FunctionMessage(Wire):
    """The result of a legacy function call."""

    role: Literal["function"]
    content: Text | None = None
    name: Annotated[str, Field(min_length=1, max_length=128)]


_TAGS = {role: f"<{role}>" for role in ("system", "user", "assistant", "tool", "function")} | {
    "developer": "<system>",
    None: "<user>",  # of some role: its own validation says what is missing
}


def _role_tag(message: Any) -> str:
    role = message.get("role") if isinstance(message, dict) else getattr(message, "role", None)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - JSON
    try:
        return _TAGS[role]
    except (KeyError, TypeError):
        return "<unknown>"


Message = Annotated[
    Annotated[SystemMessage, Tag("<system>")]
    | Annotated[UserMessage, Tag("<user>")]
    | Annotated[AssistantMessage, Tag("<assistant>")]
    | Annotated[ToolMessage, Tag("<tool>")]
    | Annotated[FunctionMessage, Tag("<function>")],
    Discriminator(
        _role_tag,
        custom_error_type="unknown_role",
        custom_error_message=(
            "A message has the role system, developer, user, assistant, tool or function"
        ),
    ),
]
