"""What a Responses answer is made of: the response object, its items, its errors, its usage.

Source: `openai.types.responses.response`, `.response_output_item`, `.response_error` (3.51).
"""

from typing import Any

from proxy.errors import InvalidRequest, ProxyError, RateLimited
from proxy.protocol.chat_events import Finish, ImageDelta, Sources, ToolCallDelta, Usage
from proxy.protocol.responses_request import ResponsesRequest

_IMAGE_FORMATS = frozenset({"png", "webp", "jpeg", "gif"})
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""By finish reason: why a response is incomplete."""


def response_object(
    request: ResponsesRequest, *, response_id: str, created_unix_s: int
) -> dict[str, Any]:
    """Return the response as it begins: in progress, empty, with what was asked for repeated."""
    asked = request.model_dump(
        mode="json",
        include={"tools", "tool_choice", "text"},
        by_alias=True,
        exclude_unset=True,
    )
    reasoning = request.reasoning
    return {
        "id": response_id,
        "object": "response",
        "created_at": created_unix_s,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": request.instructions,
        "max_output_tokens": request.max_output_tokens,
        "max_tool_calls": request.max_tool_calls,
        "metadata": request.metadata or {},
        "model": request.model,
        "output": [],
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "previous_response_id": None,
        "prompt_cache_key": request.prompt_cache_key,
        "reasoning": {
            "effort": reasoning.effort if reasoning else None,
            "summary": (reasoning.summary or reasoning.generate_summary) if reasoning else None,
        },
        "safety_identifier": request.safety_identifier,
        "store": False,
        "temperature": request.temperature,
        "text": {"format": {"type": "text"}, **_given(asked.get("text"))},
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": asked.get("tools") or [],
        "top_logprobs": request.top_logprobs or 0,
        "top_p": request.top_p,
        "truncation": request.truncation or "disabled",
        "usage": None,
        "user": request.user,
    }


def _given(options: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (options or {}).items() if value is not None}


def outcome(finish: Finish) -> dict[str, Any]:
    """Return what a response says of its end."""
    reason = _INCOMPLETE.get(finish.reason)
    said: dict[str, Any] = {
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
    }
    if finish.content_filter is not None:
        said["content_filter"] = finish.content_filter
    return said


def message_item(
    item_id: str, status: str, content: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return a message of the model's."""
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content or [],
    }


def text_part(
    text: str = "",
    annotations: list[dict[str, Any]] | None = None,
    logprobs: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the content of a message."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": annotations or [],
        "logprobs": logprobs or [],
    }


def event_logprobs(logprobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the likelihood of tokens as events have it: without the bytes."""
    return [
        {
            "token": entry["token"],
            "logprob": entry["logprob"],
            "top_logprobs": [
                {"token": top["token"], "logprob": top["logprob"]}
                for top in entry.get("top_logprobs") or ()
            ],
        }
        for entry in logprobs
    ]


def reasoning_item(
    item_id: str, summary: list[dict[str, Any]], signature: str | None
) -> dict[str, Any]:
    """Return what the model thought; Gemini's signature is the part only it can read."""
    item: dict[str, Any] = {"id": item_id, "type": "reasoning", "summary": summary}
    if signature is not None:
        item["encrypted_content"] = signature
    return item


def function_call_item(
    item_id: str, call: ToolCallDelta, status: str, arguments: str
) -> dict[str, Any]:
    """Return a call of a function."""
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call.call_id,
        "name": call.name,
        "arguments": arguments,
    }


def custom_call_item(item_id: str, call: ToolCallDelta, written: str) -> dict[str, Any]:
    """Return a call of a custom tool; OpenAI's has no status."""
    return {
        "id": item_id,
        "type": "custom_tool_call",
        "call_id": call.call_id,
        "name": call.name,
        "input": written,
    }


def image_item(item_id: str, image: ImageDelta) -> dict[str, Any]:
    """Return an image the model made."""
    header, _, data = image.url.partition(",")
    kind = header.removeprefix("data:image/").partition(";")[0]
    item = {"id": item_id, "type": "image_generation_call", "status": "completed", "result": data}
    return {**item, "output_format": kind} if kind in _IMAGE_FORMATS else item


def annotations_of(sources: Sources) -> list[dict[str, Any]]:
    """Return the sources of a text: by URL, then those of the books by file."""
    by_url = [
        {"type": "url_citation", **annotation["url_citation"]} for annotation in sources.annotations
    ]
    return [*by_url, *sources.file_citations]


def usage_object(usage: Usage) -> dict[str, Any]:
    """Return `usage` in the words of Responses."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }


def failure(error: ProxyError) -> dict[str, Any]:
    """Return a response's `error`; OpenAI knows few codes, the `error` event has ours."""
    code = "server_error"
    if isinstance(error, RateLimited):
        code = "rate_limit_exceeded"
    elif isinstance(error, InvalidRequest):
        code = "invalid_prompt"
    return {"code": code, "message": error.message}
