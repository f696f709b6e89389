"""How much to think, from the four forms that clients have for it."""

from typing import Any

import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.reasoning import EFFORTS, NOT_ASKED, Thinking, thinking_of


@pytest.mark.parametrize("effort", EFFORTS)
def test_openais_effort_also_shows_thoughts_unless_there_are_to_be_none(effort: str) -> None:
    assert thinking_of(effort, None, None, None) == Thinking(effort, is_shown=effort != "none")


def test_nobody_asked_for_nothing() -> None:
    assert thinking_of(None, None, None, None) is NOT_ASKED
    assert thinking_of(None, {}, {}, {"safety_settings": []}) is NOT_ASKED


@pytest.mark.parametrize(
    ("reasoning", "thinking"),
    [
        ({"effort": "high"}, Thinking("high", is_shown=True)),
        ({"effort": "HIGH"}, Thinking("high", is_shown=True)),
        ({"effort": "none"}, Thinking("none")),
        ({"effort": "low", "exclude": True}, Thinking("low")),
        ({"max_tokens": 500}, Thinking(budget_tokens=500, is_shown=True)),
        ({"enabled": True}, Thinking(is_shown=True)),
        ({"enabled": False, "effort": "high"}, Thinking("none")),
    ],
)
def test_openrouters_form(reasoning: dict[str, Any], thinking: Thinking) -> None:
    assert thinking_of(None, reasoning, None, None) == thinking


@pytest.mark.parametrize(
    ("given", "thinking"),
    [
        ({"type": "enabled", "budget_tokens": 2_000}, Thinking(budget_tokens=2_000, is_shown=True)),
        ({"type": "adaptive"}, Thinking(is_shown=True)),
        ({"type": "disabled", "budget_tokens": 2_000}, Thinking("none")),
    ],
)
def test_anthropics_form(given: dict[str, Any], thinking: Thinking) -> None:
    assert thinking_of(None, None, given, None) == thinking


@pytest.mark.parametrize(
    ("config", "thinking"),
    [
        ({"thinking_level": "low", "include_thoughts": True}, Thinking("low", is_shown=True)),
        ({"thinkingLevel": "LOW", "includeThoughts": False}, Thinking("low")),
        ({"thinking_budget": -1}, Thinking(budget_tokens=-1)),
        ({"thinkingBudget": 0}, Thinking(budget_tokens=0)),
        ({"include_thoughts": True}, Thinking(is_shown=True)),
        ({}, Thinking()),
    ],
)
def test_googles_form(config: dict[str, Any], thinking: Thinking) -> None:
    assert thinking_of(None, None, None, {"thinking_config": config}) == thinking


def test_the_most_particular_form_wins() -> None:
    google = {"thinking_config": {"thinking_level": "low"}}
    anthropic = {"type": "enabled", "budget_tokens": 5}
    openrouter = {"effort": "medium"}
    assert thinking_of("high", openrouter, anthropic, google).effort == "low"
    assert thinking_of("high", openrouter, anthropic, None).budget_tokens == 5
    assert thinking_of("high", openrouter, None, None).effort == "medium"


SHOWN_ONLY: list[tuple[dict[str, Any], bool]] = [
    ({"google": {"thinking_config": {"include_thoughts": True}}}, True),
    ({"google": {"thinking_config": {"include_thoughts": False}}}, False),
    ({"thinking": {"type": "adaptive"}}, True),
    ({"reasoning": {"enabled": True}}, True),
    ({"reasoning": {"exclude": True}}, False),
]


@pytest.mark.parametrize(("form", "is_shown"), SHOWN_ONLY)
def test_a_form_that_says_only_what_to_show_leaves_how_much_to_the_next(
    form: dict[str, Any], *, is_shown: bool
) -> None:
    forms: dict[str, Any] = {"reasoning": None, "thinking": None, "google": None, **form}
    assert thinking_of("high", **forms) == Thinking("high", is_shown=is_shown)


def test_how_much_is_looked_for_in_every_form_after_it() -> None:
    google: dict[str, Any] = {"thinking_config": {"include_thoughts": False}}
    budget = {"type": "enabled", "budget_tokens": 5}
    assert thinking_of("high", None, budget, google) == Thinking(budget_tokens=5)
    assert thinking_of("high", {"effort": "low"}, {"type": "adaptive"}, google) == Thinking("low")


@pytest.mark.parametrize("tokens", ["many", 1.5, True, -2, 10**7, [1]])
@pytest.mark.parametrize(
    ("form", "param"),
    [
        ("reasoning", "reasoning.max_tokens"),
        ("thinking", "thinking.budget_tokens"),
        ("google", "google.thinking_config.thinking_budget"),
    ],
)
def test_a_budget_that_is_none_is_refused_by_name(form: str, param: str, tokens: Any) -> None:
    given: dict[str, Any] = {
        "reasoning": {"max_tokens": tokens},
        "thinking": {"budget_tokens": tokens},
        "google": {"thinking_config": {"thinking_budget": tokens}},
    }
    forms = {name: given[name] if name == form else None for name in given}
    with pytest.raises(InvalidRequest) as refused:
        thinking_of(None, **forms)
    assert refused.value.param == param


@pytest.mark.parametrize("effort", ["extreme", 5, ["low"], {}])
def test_an_effort_that_is_none_is_refused_by_name(effort: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        thinking_of(None, {"effort": effort}, None, None)
    assert refused.value.param == "reasoning.effort"
    with pytest.raises(InvalidRequest) as refused:
        thinking_of(None, None, None, {"thinking_config": {"thinking_level": effort}})
    assert refused.value.param == "google.thinking_config.thinking_level"
