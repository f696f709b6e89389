"""A Responses request to the chat that the core understands; pure.

`ResponsesChat.param_of` leads back, so that an error found further down names the field that the
client wrote.

Source: https://platform.openai.com/docs/guides/migrate-to-responses.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage
from proxy.protocol.parsing import validate
from proxy.protocol.rag_options import rag_object
from proxy.protocol.responses_conversation import Conversation
from proxy.protocol.responses_request import FlatJsonSchemaFormat, ResponsesRequest
from proxy.protocol.responses_tools import FileSearchTool, FlatChoice

_MESSAGE = re.compile(r"messages\[(\d+)\](?:\.content)?(.*)")
_RENAMED: Mapping[str, str] = {
    "messages": "input",
    "max_completion_tokens": "max_output_tokens",
    "response_format.json_schema": "text.format",
    "response_format": "text.format",
}
_FLAT = {".image_url.url": ".image_url", ".file.file_data": ".file_data"}


@dataclass(frozen=True, slots=True)
class ResponsesChat:
    """The chat, and where its parts come from."""

    chat: ChatCompletionRequest
    places: Sequence[str]
    """By message: the path of the field its content was in."""
    books: str | None
    """The path of the books in a `file_search` tool."""

    def param_of(self, param: str | None) -> str | None:
        """Return the path in the client's request of what the core calls `param`."""
        if param is None:
            return None
        if match := _MESSAGE.fullmatch(param):
            number, rest = int(match[1]), match[2]
            place = self.places[number] if number < len(self.places) else "input"
            for nested, flat in _FLAT.items():
                rest = rest.replace(nested, flat)
            return place + rest if place.startswith("input[") else place
        if param.startswith("rag.books") and self.books:
            return self.books
        for theirs, ours in _RENAMED.items():
            if param == theirs or param.startswith(f"{theirs}."):
                return ours + param.removeprefix(theirs)
        return param


def responses_to_chat(request: ResponsesRequest) -> ResponsesChat:
    """Return the request as a chat.

    Raises:
        InvalidRequest: it contradicts itself, or a message holds parts its role cannot have.
    """
    conversation = Conversation()
    if request.instructions:
        conversation.say(SystemMessage(role="system", content=request.instructions), "instructions")
    if isinstance(request.input, str):
        conversation.say(UserMessage(role="user", content=request.input), "input")
    else:
        for i, item in enumerate(request.input):
            conversation.add(item, f"input[{i}]")
        conversation.end_turn()
    rag, books = _rag(request)
    fields: dict[str, Any] = {
        "messages": conversation.messages,
        "max_completion_tokens": request.max_output_tokens,
        "reasoning": _reasoning(request),
        "response_format": _response_format(request),
        "logprobs": True if request.wants_logprobs else None,
        "rag": rag,
        **_tools(request),
        **{name: getattr(request, name) for name in _SAME},
    }
    try:
        chat = validate(ChatCompletionRequest, {k: v for k, v in fields.items() if v is not None})
    except InvalidRequest as exc:
        exc.param = _RENAMED.get(exc.param or "", exc.param)
        raise
    return ResponsesChat(chat, conversation.places, books)


_SAME = (
    "model",
    "stream",
    "temperature",
    "top_p",
    "top_logprobs",
    "parallel_tool_calls",
    "service_tier",
    "user",
    "metadata",
    "google",
    "safety_settings",
    "extra_body",
)


def _rag(request: ResponsesRequest) -> tuple[dict[str, Any] | None, str | None]:
    """Return the retrieval options of the body and where its books stand; `rag` wins."""
    own = rag_object(request.rag, request.extra_body)
    options, books = dict[str, Any](), None
    for i, tool in enumerate(request.tools or ()):
        if isinstance(tool, FileSearchTool):
            options |= tool.rag
            books = f"tools[{i}].vector_store_ids"
    if own is not None and own.get("books") is not None:
        books = None
    return ({**options, **own} if own is not None else options) or None, books


def _tools(request: ResponsesRequest) -> dict[str, Any]:
    tools = [
        {
            "type": tool.type,
            tool.type: tool.model_dump(exclude={"type"}, exclude_unset=True),
        }
        for tool in request.tools or ()
        if not isinstance(tool, FileSearchTool)
    ]
    searches = len(tools) < len(request.tools or ())
    return {
        "tools": tools or None,
        "tool_choice": _choice(request, has_functions=bool(tools), searches=searches),
    }


def _choice(request: ResponsesRequest, *, has_functions: bool, searches: bool) -> Any:
    """Return `tool_choice` of the functions; the books are looked at whatever it says."""
    choice = request.tool_choice
    if not isinstance(choice, FlatChoice):
        return None if choice == "required" and searches and not has_functions else choice
    if choice.type == "file_search":
        if not searches:
            raise InvalidRequest(
                "'tool_choice' names a tool that is not given.", param="tool_choice"
            )
        return None
    if choice.type != "allowed_tools":
        return {"type": choice.type, choice.type: {"name": choice.name}}
    allowed = [tool for tool in choice.tools or () if tool.get("type") != "file_search"]
    if not allowed:
        return "none"
    return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": allowed}}


def _response_format(request: ResponsesRequest) -> Any:
    wanted = request.text.format if request.text else None
    if not isinstance(wanted, FlatJsonSchemaFormat):
        return wanted
    schema = wanted.model_dump(by_alias=True, exclude={"type"}, exclude_unset=True)
    return {"type": "json_schema", "json_schema": schema}


def _reasoning(request: ResponsesRequest) -> dict[str, Any] | None:
    """Return OpenRouter's form, which can say that the thoughts are not to be shown."""
    asked = request.reasoning
    if asked is None or (asked.effort is None and not asked.wants_summary):
        return None
    effort = {"effort": asked.effort} if asked.effort else {"enabled": True}
    return effort if asked.wants_summary else {**effort, "exclude": True}
