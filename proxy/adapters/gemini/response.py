"""One Gemini response to what OpenAI's words for it are: text, finish reason, usage, blocks."""

from typing import Any

from proxy.protocol.chat_events import FinishReason, Usage

CONTENT_FILTER_REASONS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "LANGUAGE",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
    }
)


def finish_reason_to_openai(reason: str, *, has_output: bool) -> FinishReason | None:
    """Return OpenAI's word for Gemini's `reason`; None where the answer is a failure."""
    if reason == "STOP":
        return "stop"
    if reason in {"MAX_TOKENS", "CONTINUATION"}:
        return "length"
    if reason in CONTENT_FILTER_REASONS:
        return "content_filter"
    if reason in {"IMAGE_OTHER", "NO_IMAGE"}:
        return "stop" if has_output else "content_filter"
    if reason in {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"}:
        return None
    return "stop" if has_output else None


def usage_to_openai(metadata: dict[str, Any]) -> Usage:
    """Return the tokens of `usageMetadata`, whose fields are missing rather than 0.

    The sum of the parts equals `totalTokenCount` in every recorded answer.
    """
    thoughts = metadata.get("thoughtsTokenCount", 0)
    return Usage(
        prompt_tokens=metadata.get("promptTokenCount", 0)
        + metadata.get("toolUsePromptTokenCount", 0),
        completion_tokens=metadata.get("candidatesTokenCount", 0) + thoughts,
        cached_tokens=metadata.get("cachedContentTokenCount", 0),
        reasoning_tokens=thoughts,
    )


def block_to_content_filter(feedback: dict[str, Any]) -> dict[str, Any]:
    """Return what the client is told of a prompt that was blocked."""
    return {
        "reason": feedback.get("blockReason"),
        "message": feedback.get("blockReasonMessage"),
        "safety_ratings": feedback.get("safetyRatings", []),
    }
