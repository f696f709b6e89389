"""One Gemini response to what OpenAI's words for it are: text, finish reason, usage, blocks."""

from itertools import repeat
from typing import Any, cast

from proxy.errors import UpstreamInvalidResponse
from proxy.protocol.chat_events import FinishReason, Usage

_MAX_MESSAGE_CHARS = 300
_COUNTS = (
    "promptTokenCount",
    "toolUsePromptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "cachedContentTokenCount",
)
_TIERS = {"standard": "default", "flex": "flex", "priority": "priority"}
CALL_FAILURES = frozenset(
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
    return "stop" if has_output and reason not in CALL_FAILURES else None


def failure_of(reason: str, message: str | None) -> UpstreamInvalidResponse:
    """Return the failure that an answer ended with: `finish_reason_to_openai` knew no word."""
    what = "a call that cannot be used" if reason in CALL_FAILURES else "no answer"
    code = "upstream_malformed_tool_call" if reason in CALL_FAILURES else "upstream_no_content"
    if reason == "MISSING_THOUGHT_SIGNATURE":  # asking the same again would end the same
        code = "missing_thought_signature"
    detail = f": {message[:_MAX_MESSAGE_CHARS]}" if message else ""
    return UpstreamInvalidResponse(f"The upstream ended with {what} ({reason}){detail}", code=code)


def usage_to_openai(metadata: Any) -> Usage:
    """Return the tokens of `usageMetadata`, whose fields are missing rather than 0.

    The sum of the parts equals `totalTokenCount` in every recorded answer.
    """
    if not isinstance(metadata, dict):
        return Usage()
    given = cast("dict[str, Any]", metadata)
    counts = list(map(given.get, _COUNTS, repeat(0)))
    if set(map(type, counts)) != {int} or min(counts) < 0:
        counts = [count_in(given, name) for name in _COUNTS]
    prompt, tool_prompt, answer, thoughts, cached = counts
    audio, images = _media_tokens(given.get("promptTokensDetails"))
    return Usage(
        prompt + tool_prompt,
        answer + thoughts,
        cached_tokens=cached,
        reasoning_tokens=thoughts,
        audio_tokens=audio,
        image_tokens=images,
        service_tier=_TIERS.get(str(given.get("serviceTier"))),
    )


def usage_sum(usages: list[Usage], *, shares_prompt: bool) -> Usage:
    """Return the usage of several calls as one.

    `shares_prompt`: they answered the same prompt side by side (`n`), which OpenAI counts once;
    otherwise they followed each other and each was billed its own.
    """
    first = usages[0] if usages else Usage()
    prompts = [first] if shares_prompt else usages
    return Usage(
        prompt_tokens=sum(u.prompt_tokens for u in prompts),
        completion_tokens=sum(u.completion_tokens for u in usages),
        cached_tokens=sum(u.cached_tokens for u in prompts),
        reasoning_tokens=sum(u.reasoning_tokens for u in usages),
        audio_tokens=sum(u.audio_tokens for u in prompts),
        image_tokens=sum(u.image_tokens for u in prompts),
        service_tier=first.service_tier,
    )


def _media_tokens(details: Any) -> tuple[int, int]:
    """Return how many tokens of the prompt are audio, and how many images."""
    audio = images = 0
    for detail in cast("list[Any]", details) if isinstance(details, list) else ():
        modality = cast("dict[str, Any]", detail).get("modality") if isinstance(detail, dict) else 0
        if modality == "AUDIO":
            audio += count_in(detail, "tokenCount")
        elif modality == "IMAGE":
            images += count_in(detail, "tokenCount")
    return audio, images


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
