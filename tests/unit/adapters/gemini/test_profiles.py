"""What each model can do."""

import pytest

from proxy.adapters.gemini.profiles import NEWEST, profile_of


@pytest.mark.parametrize("model", ["gemini-4-argon", "gemini-3.8-flash", "gemini-17", "x"])
def test_an_unknown_model_is_taken_for_the_newest(model: str) -> None:
    assert profile_of(model) is NEWEST
    assert not NEWEST.accepts_penalties
    assert not NEWEST.accepts_trailing_model_turn


@pytest.mark.parametrize(
    ("model", "accepts"),
    [
        ("gemini-2.0-flash", True),
        ("gemini-1.5-pro", True),
        ("gemma-3-27b-it", True),
        ("gemini-2.5-flash", False),
        ("gemini-2.5-pro", False),
        ("gemini-3.5-flash-lite", False),
        ("gemini-3.6-flash", False),
    ],
)
def test_penalties_go_only_where_they_are_known_to_be_accepted(
    model: str, *, accepts: bool
) -> None:
    assert profile_of(model).accepts_penalties is accepts


@pytest.mark.parametrize(
    ("model", "accepts"),
    [
        ("gemini-2.0-flash", True),
        ("gemini-2.5-flash", True),
        ("gemini-2.5-flash-lite", True),
        ("gemini-2.5-pro", True),
        ("gemini-3-flash-preview", True),
        ("gemini-3-pro-preview", True),
        ("gemini-3.1-pro-preview", True),
        ("gemini-3.5-flash-lite", False),
        ("gemini-3.6-flash", False),
        ("gemini-3.8-flash", False),
    ],
)
def test_newer_models_refuse_to_go_on_with_their_own_words(model: str, *, accepts: bool) -> None:
    assert profile_of(model).accepts_trailing_model_turn is accepts


def test_output_limits_follow_the_generation() -> None:
    assert profile_of("gemini-2.0-flash").output_token_limit == 8_192
    assert profile_of("gemini-3.8-flash").output_token_limit == 65_536
    assert profile_of("gemini-2.5-flash-image").output_token_limit == 32_768
