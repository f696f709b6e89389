"""The JSON that Gemini answers with: candidates, usage, blocks. Pure builders.

Source: shapes of recorded generateContent and streamGenerateContent answers (v1beta, 2025-26).
"""

import math
from typing import Any


def tokens_of(text: str) -> int:
    """Return the fake's token count: a token for each started four characters."""
    return math.ceil(len(text) / 4)


def usage(*, prompt: int, candidates: int = 0, thoughts: int = 0) -> dict[str, Any]:
    """Return `usageMetadata`; like the real one it leaves out what is zero."""
    counts = {"candidatesTokenCount": candidates, "thoughtsTokenCount": thoughts}
    return {
        "promptTokenCount": prompt,
        **{name: count for name, count in counts.items() if count},
        "totalTokenCount": prompt + candidates + thoughts,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
    }


def text_event(text: str, *, finish: str | None = None, index: int = 0) -> dict[str, Any]:
    """Return an answer, or a piece of one, with one candidate of one text part."""
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}}
    if finish is not None:
        candidate["finishReason"] = finish
    candidate["index"] = index
    return {"candidates": [candidate]}


def finish_event(reason: str, *, message: str | None = None) -> dict[str, Any]:
    """Return a candidate without content that only says how it ended."""
    candidate: dict[str, Any] = {"finishReason": reason, "index": 0}
    if message is not None:
        candidate["finishMessage"] = message
    return {"candidates": [candidate]}


def usage_event(*, prompt: int = 3, candidates: int = 0) -> dict[str, Any]:
    """Return an event that holds nothing but usage."""
    return {"usageMetadata": usage(prompt=prompt, candidates=candidates)}


def blocked_event(reason: str = "SAFETY") -> dict[str, Any]:
    """Return what stands in place of candidates when the prompt was blocked."""
    rating = {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "HIGH"}
    return {
        "promptFeedback": {"blockReason": reason, "safetyRatings": [rating]},
        "usageMetadata": usage(prompt=3),
    }


def thought_event(text: str) -> dict[str, Any]:
    """Return a piece of the model's thoughts."""
    part = {"text": text, "thought": True}
    return {"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}]}
