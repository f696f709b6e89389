"""`reasoning_effort` to `thinkingConfig`, the documented table row by row."""

from typing import Any

import pytest

from proxy.adapters.gemini.profiles import NEWEST, profile_of
from proxy.adapters.gemini.thinking import thinking_config
from proxy.protocol.reasoning import NOT_ASKED, Thinking

EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

LEVELS: dict[str, list[str]] = {
    "gemini-4-argon": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-4-carbon": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.8-flash": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.7-flash": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.1-pro-preview": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3-pro-preview": ["LOW", "LOW", "LOW", "HIGH", "HIGH", "HIGH", "HIGH"],
    "gemini-3.6-flash": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.5-flash": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.5-flash-lite": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3.1-flash-lite": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-flash-lite-latest": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-3-flash-preview": ["MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-flash-latest": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
    "gemini-99-unheard-of": ["LOW", "LOW", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"],
}
BUDGETS: dict[str, list[int]] = {
    "gemini-2.5-flash": [0, 1_024, 1_024, 8_192, 24_576, 24_576, 24_576],
    "gemini-2.5-flash-lite": [0, 512, 1_024, 8_192, 24_576, 24_576, 24_576],
    "gemini-2.5-pro": [128, 1_024, 1_024, 8_192, 24_576, 32_768, 32_768],
}
WITHOUT = [
    "gemini-2.0-flash",
    "gemini-1.5-pro",
    "gemma-3-27b-it",
    "gemini-2.5-flash-image",
    "gemini-3.1-flash-lite-image",
    "gemini-3-pro-image-preview",
]

ROWS: list[tuple[str, str, dict[str, Any] | None]] = [
    *(
        (model, effort, {"thinkingLevel": level})
        for model, levels in LEVELS.items()
        for effort, level in zip(EFFORTS, levels, strict=True)
    ),
    *(
        (model, effort, {"thinkingBudget": budget})
        for model, budgets in BUDGETS.items()
        for effort, budget in zip(EFFORTS, budgets, strict=True)
    ),
    *((model, effort, None) for model in WITHOUT for effort in EFFORTS),
]


@pytest.mark.parametrize(("model", "effort", "config"), ROWS)
def test_an_effort_is_what_the_model_understands(
    model: str, effort: str, config: dict[str, Any] | None
) -> None:
    for has_small_limit in (True, False):
        asked = Thinking(effort)
        assert thinking_config(profile_of(model), asked, has_small_limit=has_small_limit) == config


@pytest.mark.parametrize("model", [*LEVELS, *BUDGETS, *WITHOUT])
def test_without_an_effort_the_model_has_its_own_default(model: str) -> None:
    assert thinking_config(profile_of(model), NOT_ASKED, has_small_limit=False) is None


@pytest.mark.parametrize("model", [*LEVELS, *BUDGETS, *WITHOUT])
def test_with_a_small_limit_it_thinks_as_little_as_it_can(model: str) -> None:
    # Thoughts count towards the limit: left alone, the answer might be empty (recorded with 2.5
    # Pro).
    profile = profile_of(model)
    least = thinking_config(profile, NOT_ASKED, has_small_limit=True)
    assert least == thinking_config(profile, Thinking("none"), has_small_limit=True)


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("gemini-3.8-flash", {"thinkingLevel": "LOW"}),
        ("gemini-3-flash-preview", {"thinkingLevel": "LOW"}),
        ("gemini-2.5-flash", {"thinkingBudget": 1_024}),
        ("gemini-2.5-pro", {"thinkingBudget": 1_024}),
        # These would think more than they do of themselves.
        ("gemini-3.5-flash-lite", None),
        ("gemini-3.1-flash-lite", None),
        ("gemini-2.5-flash-lite", None),
        ("gemini-2.0-flash", None),
    ],
)
def test_what_is_enough_is_never_more_than_the_models_own(
    model: str, config: dict[str, Any] | None
) -> None:
    profile = profile_of(model)
    made = thinking_config(profile, NOT_ASKED, has_small_limit=False, enough="low")
    assert made == config
    own = Thinking("high")
    assert thinking_config(profile, own, has_small_limit=False, enough="low") == thinking_config(
        profile, own, has_small_limit=False
    )
    assert thinking_config(
        profile, NOT_ASKED, has_small_limit=True, enough="low"
    ) == thinking_config(profile, NOT_ASKED, has_small_limit=True)


def test_no_model_is_sent_a_level_it_refuses() -> None:
    for model in LEVELS:
        for effort in EFFORTS:
            made = thinking_config(profile_of(model), Thinking(effort), has_small_limit=False)
            assert made is not None
            assert made["thinkingLevel"] in profile_of(model).levels
    assert "MINIMAL" not in NEWEST.levels


@pytest.mark.parametrize(
    ("model", "tokens", "config"),
    [
        ("gemini-3.8-flash", 0, {"thinkingLevel": "LOW"}),
        ("gemini-3.8-flash", 1_000, {"thinkingLevel": "LOW"}),
        ("gemini-3.8-flash", 1_025, {"thinkingLevel": "MEDIUM"}),
        ("gemini-3.8-flash", 8_193, {"thinkingLevel": "HIGH"}),
        ("gemini-3.8-flash", 999_999, {"thinkingLevel": "HIGH"}),
        ("gemini-3.8-flash", -1, {"thinkingLevel": "MEDIUM"}),
        ("gemini-3.6-flash", 0, {"thinkingLevel": "MINIMAL"}),
        ("gemini-2.5-flash", 0, {"thinkingBudget": 0}),
        ("gemini-2.5-flash", -1, {"thinkingBudget": -1}),
        ("gemini-2.5-flash", 999_999, {"thinkingBudget": 24_576}),
        ("gemini-2.5-flash-lite", 5, {"thinkingBudget": 512}),
        ("gemini-2.5-pro", 0, {"thinkingBudget": 128}),
        ("gemini-2.0-flash", 1_000, None),
    ],
)
def test_a_budget_is_kept_within_what_the_model_takes(
    model: str, tokens: int, config: dict[str, Any] | None
) -> None:
    made = thinking_config(profile_of(model), Thinking(budget_tokens=tokens), has_small_limit=True)
    assert made == config


@pytest.mark.parametrize(
    ("model", "thinking", "shows"),
    [
        ("gemini-3.8-flash", Thinking("low", is_shown=True), True),
        ("gemini-3.8-flash", Thinking("low"), False),
        ("gemini-3.8-flash", Thinking(is_shown=True), True),
        ("gemini-2.5-flash", Thinking(budget_tokens=99, is_shown=True), True),
        # Google refuses thoughts of a model that is told not to think, or cannot.
        ("gemini-2.5-flash", Thinking(budget_tokens=0, is_shown=True), False),
        ("gemini-2.0-flash", Thinking("high", is_shown=True), False),
    ],
)
def test_thoughts_are_asked_for_where_there_are_any(
    model: str, thinking: Thinking, *, shows: bool
) -> None:
    made = thinking_config(profile_of(model), thinking, has_small_limit=False) or {}
    assert made.get("includeThoughts", False) is shows
