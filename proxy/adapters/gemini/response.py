"""One Gemini response to what OpenAI's words for it are: text, finish reason, usage, blocks."""

from typing import Any, cast

from proxy.protocol.chat_events import FinishReason, Usage

_FAILURES = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
    }
)
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
    return "stop" if has_output and reason not in _FAILURES else None


def usage_to_openai(metadata: Any) -> Usage:
    """Return the tokens of `usageMetadata`, whose fields are missing rather than 0.

    The sum of the parts equals `totalTokenCount` in every recorded answer.
    """
    thoughts = count_in(metadata, "thoughtsTokenCount")
    return Usage(
        prompt_tokens=count_in(metadata, "promptTokenCount")
        + count_in(metadata, "toolUsePromptTokenCount"),
        completion_tokens=count_in(metadata, "candidatesTokenCount") + thoughts,
        cached_tokens=count_in(metadata, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )


def count_in(metadata: Any, name: str) -> int:
    """Return a count, 0 where there is none that can be read."""
    value = cast("dict[str, Any]", metadata).get(name) if isinstance(metadata, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def block_to_content_filter(feedback: dict[str, Any]) -> dict[str, Any]:
    """Return what the client is told of a prompt that was blocked, or of an answer."""
    return {
        "reason": feedback.get("blockReason") or feedback.get("finishReason"),
        "message": feedback.get("blockReasonMessage") or feedback.get("finishMessage"),
        "safety_ratings": feedback.get("safetyRatings") or [],
    }
