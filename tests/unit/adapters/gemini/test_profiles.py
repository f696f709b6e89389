"""What each model can do."""

import pytest

from proxy.adapters.gemini.profiles import (
    NEWEST,
    embedding_profile_of,
    profile_of,
    shutdown_date_of,
)


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


@pytest.mark.parametrize(
    ("model", "honours"),
    [
        ("gemini-2.5-flash", True),
        ("gemini-3-flash-preview", True),
        ("gemini-3.1-pro-preview", True),
        ("gemini-3.5-flash", True),
        ("gemini-3.5-flash-lite", False),
        ("gemini-3.6-flash", False),
        ("gemini-3.8-flash", False),
        ("gemini-4-argon", False),
        ("gemini-17", False),
    ],
)
def test_newer_models_ignore_sampling(model: str, *, honours: bool) -> None:
    assert profile_of(model).honours_sampling is honours


@pytest.mark.parametrize(
    ("model", "levels", "default"),
    [
        ("gemini-3.8-flash", ("LOW", "MEDIUM", "HIGH"), "MEDIUM"),
        ("gemini-flash-latest", ("LOW", "MEDIUM", "HIGH"), "MEDIUM"),
        ("gemini-3.6-flash", ("MINIMAL", "LOW", "MEDIUM", "HIGH"), "MEDIUM"),
        ("gemini-3.5-flash-lite", ("MINIMAL", "LOW", "MEDIUM", "HIGH"), "MINIMAL"),
        ("gemini-3.1-flash-lite", ("MINIMAL", "LOW", "MEDIUM", "HIGH"), "MINIMAL"),
        ("gemini-3-flash-preview", ("MINIMAL", "LOW", "MEDIUM", "HIGH"), "HIGH"),
        ("gemini-3.1-pro-preview", ("LOW", "MEDIUM", "HIGH"), "HIGH"),
        ("gemini-2.5-flash", (), None),
        ("gemini-3.1-flash-image", (), None),
    ],
)
def test_levels_of_thinking_and_their_default(
    model: str, levels: tuple[str, ...], default: str | None
) -> None:
    profile = profile_of(model)
    assert (profile.levels, profile.default_level) == (levels, default)
    assert profile.thinks is ("image" not in model)


def test_what_came_with_gemini_3_is_not_expected_before() -> None:
    for model in ("gemini-2.5-pro", "gemini-2.0-flash", "gemma-3-27b-it", "gemini-2.5-flash-image"):
        profile = profile_of(model)
        assert not profile.has_signatures
        assert not profile.has_media_levels
        assert not profile.reads_media_in_results
        assert not profile.joins_schema_and_tools
        assert profile.has_logprobs_on_vertex
    assert not NEWEST.has_logprobs_on_vertex


def test_image_models_make_images() -> None:
    assert profile_of("gemini-3-pro-image").makes_images
    assert profile_of("gemini-2.5-flash-image").makes_images
    assert not profile_of("gemini-2.5-flash-image").has_tools
    assert not NEWEST.makes_images


def test_embedding_models_differ_in_how_they_are_asked() -> None:
    old, new = embedding_profile_of("gemini-embedding-001"), embedding_profile_of("other")
    assert (old.input_token_limit, new.input_token_limit) == (2_048, 8_192)
    assert (old.has_task_types, old.is_predicted_on_vertex) == (True, True)
    assert (new.has_task_types, new.is_predicted_on_vertex) == (False, False)


@pytest.mark.parametrize(
    ("model", "date"),
    [
        ("gemini-2.5-pro", "2026-12-01"),
        ("gemini-2.5-flash", "2026-12-01"),
        ("gemini-2.5-flash-lite", None),
        ("gemini-2.0-flash-001", "2026-06-01"),
        ("gemini-3-pro-preview", "2026-03-09"),
        ("gemini-3.1-flash-lite", "2027-05-07"),
        ("gemini-embedding-001", "2028-05-14"),
        ("gemini-3.8-flash", None),
    ],
)
def test_announced_shutdowns_are_known(model: str, date: str | None) -> None:
    assert shutdown_date_of(model) == date
