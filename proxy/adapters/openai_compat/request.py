"""An OpenAI chat request to the one that an OpenAI-compatible upstream gets.

Ours is OpenAI's already, so this leaves out what is not: our own options, other vendors' words,
parameters nobody here honours. Where servers differ, the form that all of them take is sent.
"""

from collections.abc import Sequence
from typing import Any

from proxy.adapters.openai_compat.messages import messages_to_openai
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.reasoning import Thinking, thinking_of
from proxy.protocol.response_format import JsonObjectFormat, JsonSchemaFormat
from proxy.protocol.tools import FunctionTool, Tool, ToolChoice


def chat_to_openai(
    chat: ChatCompletionRequest,
    model: str,
    *,
    is_openai_itself: bool,
    with_signatures: bool = False,
) -> dict[str, Any]:
    """Return the body that asks `model` to continue `chat`.

    OpenAI's reasoning models refuse `max_tokens`, other servers do not know its newer name; OpenAI
    refuses `top_k`, which others have. `with_signatures` is for upstreams that want the thought
    signatures of their calls back; others refuse a field they do not know.

    Raises:
        InvalidRequest: a vendor's form of asking for thought cannot be read.
    """
    limit_name = "max_completion_tokens" if is_openai_itself else "max_tokens"
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_to_openai(chat.messages, with_signatures=with_signatures),
        limit_name: chat.output_limit,
        "temperature": chat.temperature,
        "top_p": chat.top_p,
        "top_k": None if is_openai_itself else chat.top_k,
        "seed": chat.seed,
        "presence_penalty": chat.presence_penalty,
        "frequency_penalty": chat.frequency_penalty,
        "stop": chat.stop_sequences or None,
        "n": chat.n if chat.n != 1 else None,
        "logprobs": chat.logprobs,
        "top_logprobs": chat.top_logprobs,
        "reasoning_effort": _effort(chat),
        "response_format": _format(chat),
        "service_tier": chat.service_tier,
        "user": chat.user,
    }
    if chat.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if chat.declared_tools:
        tools, choice = _tools(chat.declared_tools, chat.choice)
        body |= {"tools": tools, "tool_choice": choice}
        body["parallel_tool_calls"] = chat.parallel_tool_calls
    return {name: value for name, value in body.items() if value is not None}


def thinking_in(chat: ChatCompletionRequest) -> Thinking:
    """Return what the client asked of the model's thoughts, in whatever form.

    Raises:
        InvalidRequest: a form cannot be read.
    """
    return thinking_of(chat.reasoning_effort, chat.reasoning, chat.thinking, chat.google_options)


def _effort(chat: ChatCompletionRequest) -> str | None:
    """Return the client's own wish; a model that does not think refuses any (Ollama, gpt-4o).

    For that reason "none" is sent only where the client says it in OpenAI's own word.
    """
    effort = thinking_in(chat).effort
    return chat.reasoning_effort or (effort if effort != "none" else None)


def _format(chat: ChatCompletionRequest) -> dict[str, Any] | None:
    wanted = chat.response_format
    if isinstance(wanted, JsonSchemaFormat):
        schema = wanted.json_schema
        described = {
            "name": schema.name,
            "description": schema.description,
            "schema": schema.schema_,
            "strict": schema.strict,
        }
        return {"type": "json_schema", "json_schema": _given(described)}
    return {"type": "json_object"} if isinstance(wanted, JsonObjectFormat) else None


def _tools(
    tools: Sequence[Tool], choice: ToolChoice
) -> tuple[list[dict[str, Any]], str | dict[str, Any] | None]:
    """Return the tools and `tool_choice`.

    A choice of several is only OpenAI's; leaving the others out says the same everywhere.
    """
    allowed = [tool for tool in tools if not choice.names or _name(tool) in choice.names]
    if choice.mode == "required" and len(choice.names) == 1:
        kind = allowed[0].type
        return [_tool(tool) for tool in tools], {"type": kind, kind: {"name": choice.names[0]}}
    word = {"validated": None, "auto": None}.get(choice.mode, choice.mode)
    return [_tool(tool) for tool in allowed], word


def _name(tool: Tool) -> str:
    return tool.function.name if isinstance(tool, FunctionTool) else tool.custom.name


def _tool(tool: Tool) -> dict[str, Any]:
    if isinstance(tool, FunctionTool):
        function = tool.function
        described = {
            "name": function.name,
            "description": function.description,
            "parameters": function.parameters,
            "strict": function.strict,
        }
        return {"type": "function", "function": _given(described)}
    custom = {
        "name": tool.custom.name,
        "description": tool.custom.description,
        "format": tool.custom.format,
    }
    return {"type": "custom", "custom": _given(custom)}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
