"""What a chat event looks like on the wire, in a stream's delta and in a whole message alike."""

from typing import Any

from proxy.protocol.chat_events import (
    ChatEvent,
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    Sources,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from proxy.protocol.thought_signatures import signed


def delta_of(event: ChatEvent) -> dict[str, Any]:
    """Return the `delta` that carries `event`; empty where another field of the choice does."""
    if isinstance(event, TextDelta):
        return {"content": event.text}
    if isinstance(event, ReasoningDelta):
        return {"reasoning_content": event.text}
    if isinstance(event, ToolCallDelta):
        if event.kind == "legacy":
            return {"function_call": legacy_call(event)}
        return {"tool_calls": [{"index": event.position, **tool_call(event)}]}
    if isinstance(event, ImageDelta):
        return {"images": [{"index": event.position, **image(event)}]}
    return sources(event) if isinstance(event, Sources) else {}


def tool_call(call: ToolCallDelta) -> dict[str, Any]:
    """Return a call as `message.tool_calls` holds it."""
    if call.kind == "custom":
        body: dict[str, Any] = {"custom": {"name": call.name, "input": call.arguments}}
    else:
        body = {"function": {"name": call.name, "arguments": call.arguments}}
    return {"id": call.call_id, "type": call.kind, **body, **signed(call.signature)}


def legacy_call(call: ToolCallDelta) -> dict[str, Any]:
    """Return a call as `message.function_call`."""
    return {"name": call.name, "arguments": call.arguments}


def image(event: ImageDelta) -> dict[str, Any]:
    """Return an image as OpenRouter and the UIs that read it have it."""
    return {"type": "image_url", "image_url": {"url": event.url}}


def sources(event: Sources) -> dict[str, Any]:
    """Return annotations and context."""
    found: dict[str, Any] = {"annotations": event.annotations}
    if event.context is not None:
        found["context"] = event.context
    return found


def logprobs_of(event: ChatEvent) -> dict[str, Any] | None:
    """Return the `logprobs` of a choice."""
    if isinstance(event, LogprobsDelta):
        return {"content": event.content, "refusal": None}
    return None


def finish_fields(finish: Finish | None) -> dict[str, Any]:
    """Return what a choice says of its end, streamed or not."""
    if finish is None:
        return {"finish_reason": None}
    fields: dict[str, Any] = {"finish_reason": finish.reason}
    if finish.native_reason:
        fields["native_finish_reason"] = finish.native_reason
    if finish.content_filter is not None:
        fields["content_filter"] = finish.content_filter
    return fields


def served(usage: Usage) -> dict[str, Any]:
    """Return what an answer says of the tier it was served in, nothing where that is unknown."""
    return {"service_tier": usage.service_tier} if usage.service_tier else {}


def usage_object(usage: Usage) -> dict[str, Any]:
    """Return OpenAI's `usage`."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "audio_tokens": usage.audio_tokens,
            "image_tokens": usage.image_tokens,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
