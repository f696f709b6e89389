"""Gemini's words for an end and for what it cost, in OpenAI's."""

from typing import Any

import pytest

from proxy.adapters.gemini.response import (
    CONTENT_FILTER_REASONS,
    block_to_content_filter,
    count_in,
    failure_of,
    finish_reason_to_openai,
    usage_sum,
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
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 3},
                {"modality": "AUDIO", "tokenCount": 7},
                {"modality": "IMAGE", "tokenCount": 5},
                {"modality": "VIDEO", "tokenCount": 9},
            ],
        }
    )
    assert usage == Usage(
        prompt_tokens=15,
        completion_tokens=50,
        cached_tokens=4,
        reasoning_tokens=30,
        audio_tokens=7,
        image_tokens=5,
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
        {"promptTokensDetails": {"modality": "AUDIO"}},
        {"promptTokensDetails": [None, "AUDIO", {"modality": "AUDIO", "tokenCount": "7"}]},
    ],
)
def test_counts_that_are_missing_or_cannot_be_read_are_zero(metadata: Any) -> None:
    assert usage_to_openai(metadata) == Usage()
    assert count_in(metadata, "promptTokenCount") == 0


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ("standard", "default"),
        ("flex", "flex"),
        ("priority", "priority"),
        ("novel", None),
        (5, None),
        ([], None),
        (None, None),
    ],
)
def test_the_tier_is_told_in_openais_word(said: Any, tier: str | None) -> None:
    usage = usage_to_openai({"serviceTier": said})
    assert usage == Usage(service_tier=tier)
    assert usage_sum([usage, Usage()], shares_prompt=True).service_tier == tier


def test_a_block_is_explained() -> None:
    assert block_to_content_filter(
        {"blockReason": "SAFETY", "blockReasonMessage": "no", "safetyRatings": [{"a": 1}]}
    ) == {"reason": "SAFETY", "message": "no", "safety_ratings": [{"a": 1}]}
    assert block_to_content_filter({"finishReason": "SPII", "finishMessage": "private"}) == {
        "reason": "SPII",
        "message": "private",
        "safety_ratings": [],
    }


ONE = Usage(10, 4, 2, 1, audio_tokens=3, image_tokens=4)
OTHER = Usage(10, 5, 0, 2)


def test_choices_side_by_side_share_their_prompt() -> None:
    assert usage_sum([ONE, OTHER], shares_prompt=True) == Usage(
        10, 9, 2, 3, audio_tokens=3, image_tokens=4
    )


def test_calls_one_after_the_other_have_each_their_own() -> None:
    assert usage_sum([ONE, OTHER], shares_prompt=False) == Usage(
        20, 9, 2, 3, audio_tokens=3, image_tokens=4
    )


@pytest.mark.parametrize("shares_prompt", [True, False])
def test_no_calls_cost_nothing(*, shares_prompt: bool) -> None:
    assert usage_sum([], shares_prompt=shares_prompt) == Usage()


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("MALFORMED_FUNCTION_CALL", "upstream_malformed_tool_call"),
        ("MALFORMED_RESPONSE", "upstream_malformed_tool_call"),
        ("MISSING_THOUGHT_SIGNATURE", "missing_thought_signature"),
        ("OTHER", "upstream_no_content"),
    ],
)
def test_a_failure_says_what_the_upstream_said_but_not_all_of_it(reason: str, code: str) -> None:
    failure = failure_of(reason, "m" * 10_000)
    assert (failure.code, failure.status) == (code, 502)
    assert reason in failure.message
    assert len(failure.message) < 400
    assert not failure_of(reason, None).message.endswith(":")
