"""How much a client wants the model to think, from the four forms clients have for it.

Precedence: Google's `thinking_config`, Anthropic's `thinking`, OpenRouter's `reasoning`, OpenAI's
`reasoning_effort`. Some clients send one form for how much and another for what to show: a form
that says only the latter leaves the former to the next.
"""

from dataclasses import dataclass, replace
from typing import Any

from proxy.errors import InvalidRequest

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Thinking:
    """What is asked for; None where nothing is."""

    effort: str | None = None
    budget_tokens: int | None = None
    is_shown: bool = False
    """Whether the client wants to see thoughts."""


NOT_ASKED = Thinking()


def thinking_of(
    effort: str | None,
    reasoning: dict[str, Any] | None,
    thinking: dict[str, Any] | None,
    google: dict[str, Any] | None,
) -> Thinking:
    """Return what the client asked for.

    Raises:
        InvalidRequest: a vendor form holds what cannot be read.
    """
    if google and isinstance(config := google.get("thinking_config"), dict):
        found = _google(config)  # pyright: ignore[reportUnknownArgumentType] - JSON
        return _completed(found, effort, reasoning, thinking)
    if thinking:
        return _completed(_anthropic(thinking), effort, reasoning)
    if reasoning:
        return _completed(_openrouter(reasoning), effort)
    if effort is None:
        return NOT_ASKED
    return Thinking(effort=effort, is_shown=effort != "none")


def _completed(
    found: Thinking,
    effort: str | None,
    reasoning: dict[str, Any] | None = None,
    thinking: dict[str, Any] | None = None,
) -> Thinking:
    """Return what a form says; where it does not say how much, as the forms after it have it."""
    if found.effort is not None or found.budget_tokens is not None:
        return found
    following = thinking_of(effort, reasoning, thinking, None)
    return replace(found, effort=following.effort, budget_tokens=following.budget_tokens)


def _anthropic(thinking: dict[str, Any]) -> Thinking:
    if thinking.get("type") == "disabled":
        return Thinking(effort="none")
    return Thinking(
        budget_tokens=_tokens(thinking.get("budget_tokens"), "thinking.budget_tokens"),
        is_shown=True,
    )


def _google(config: dict[str, Any]) -> Thinking:
    level = config.get("thinking_level", config.get("thinkingLevel"))
    budget = config.get("thinking_budget", config.get("thinkingBudget"))
    shown = config.get("include_thoughts", config.get("includeThoughts"))
    where = "google.thinking_config"
    return Thinking(
        effort=_effort(level, f"{where}.thinking_level"),
        budget_tokens=_tokens(budget, f"{where}.thinking_budget"),
        is_shown=shown is True,
    )


def _openrouter(reasoning: dict[str, Any]) -> Thinking:
    if reasoning.get("enabled") is False:
        return Thinking(effort="none")
    effort = _effort(reasoning.get("effort"), "reasoning.effort")
    return Thinking(
        effort=effort,
        budget_tokens=_tokens(reasoning.get("max_tokens"), "reasoning.max_tokens"),
        is_shown=reasoning.get("exclude") is not True and effort != "none",
    )


def _effort(value: Any, param: str) -> str | None:
    if value is None:
        return None
    word = value.lower() if isinstance(value, str) else ""
    if word not in EFFORTS:
        raise InvalidRequest(f"Invalid '{param}': one of {', '.join(EFFORTS)}.", param=param)
    return word


def _tokens(value: Any, param: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value <= 1_000_000:
        raise InvalidRequest(f"Invalid '{param}': a number of tokens.", param=param)
    return value
