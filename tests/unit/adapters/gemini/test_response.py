"""Gemini's words for an end and for what it cost, in OpenAI's."""

from typing import Any

import pytest

from proxy.adapters.gemini.response import (
    CONTENT_FILTER_REASONS,
    block_to_content_filter,
    count_in,
    finish_reason_to_openai,
    usage_to_openai,
)
from proxy.protocol.chat_events import Usage


@pytest.mark.parametrize(
    ("reason", "with_output", "without"),
    [
        ("STOP", "stop", "stop"),
        ("MAX_TOKENS", "length", "length"),
        ("CONTINUATION", "length", "length"),
        *(
            (reason, "content_filter", "content_filter")
            for reason in sorted(CONTENT_FILTER_REASONS)
        ),
        ("IMAGE_OTHER", "stop", "content_filter"),
        ("NO_IMAGE", "stop", "content_filter"),
        ("OTHER", "stop", None),
        ("FINISH_REASON_UNSPECIFIED", "stop", None),
        ("UNHEARD_OF", "stop", None),
        ("MALFORMED_FUNCTION_CALL", None, None),
        ("UNEXPECTED_TOOL_CALL", None, None),
        ("TOO_MANY_TOOL_CALLS", None, None),
        ("MALFORMED_RESPONSE", None, None),
        ("MISSING_THOUGHT_SIGNATURE", None, None),
    ],
)
def test_every_reason_has_one_meaning(
    reason: str, with_output: str | None, without: str | None
) -> None:
    assert finish_reason_to_openai(reason, has_output=True) == with_output
    assert finish_reason_to_openai(reason, has_output=False) == without


def test_thoughts_are_part_of_the_completion_and_tools_of_the_prompt() -> None:
    usage = usage_to_openai(
        {
            "promptTokenCount": 10,
            "toolUsePromptTokenCount": 5,
            "cachedContentTokenCount": 4,
            "candidatesTokenCount": 20,
            "thoughtsTokenCount": 30,
            "totalTokenCount": 65,
        }
    )
    assert usage == Usage(
        prompt_tokens=15, completion_tokens=50, cached_tokens=4, reasoning_tokens=30
    )
    assert usage.total_tokens == 65


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        "many",
        {"promptTokenCount": None, "candidatesTokenCount": "12", "thoughtsTokenCount": -3},
        {"promptTokenCount": 1.5, "trafficType": "ON_DEMAND"},
    ],
)
def test_counts_that_are_missing_or_cannot_be_read_are_zero(metadata: Any) -> None:
    assert usage_to_openai(metadata) == Usage()
    assert count_in(metadata, "promptTokenCount") == 0


def test_a_block_is_explained() -> None:
    assert block_to_content_filter(
        {"blockReason": "SAFETY", "blockReasonMessage": "no", "safetyRatings": [{"a": 1}]}
    ) == {"reason": "SAFETY", "message": "no", "safety_ratings": [{"a": 1}]}
    assert block_to_content_filter({"finishReason": "SPII", "finishMessage": "private"}) == {
        "reason": "SPII",
        "message": "private",
        "safety_ratings": [],
    }
