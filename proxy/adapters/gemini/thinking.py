"""`reasoning_effort` to Gemini's `thinkingConfig`, by what the model accepts.

A level on a 2.5 model, a budget on a newer one, or any config on a model that does not think is
a 400 upstream, so the profile decides. Budgets are those of Google's own compatibility layer.
"""

from typing import Any

from proxy.adapters.gemini.profiles import Profile, ThinkingBudget

SMALL_OUTPUT_TOKENS = 2_048
"""Thoughts count towards the output limit: below this a thinking model may answer with nothing
(googleapis/python-genai#811), so it is asked to think as little as it can."""

_LEVELS = {"minimal": 0, "low": 1, "medium": 2, "high": 3, "xhigh": 3, "max": 3}
_NAMES = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
_BUDGETS = {"minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}


def thinking_config(
    profile: Profile, effort: str | None, output_limit: int | None
) -> dict[str, Any] | None:
    """Return `thinkingConfig`, None to leave the model its own default."""
    if effort is None:
        if output_limit is None or output_limit > SMALL_OUTPUT_TOKENS:
            return None
        effort = "none"
    if profile.levels:
        return {"thinkingLevel": _level(profile, effort)}
    if profile.budget is not None:
        return {"thinkingBudget": _budget(profile.budget, effort)}
    return None


def _level(profile: Profile, effort: str) -> str:
    wanted = _LEVELS.get(effort, 0)
    return next((n for n in _NAMES[wanted:] if n in profile.levels), profile.levels[-1])


def _budget(budget: ThinkingBudget, effort: str) -> int:
    if effort == "none":
        return budget.least if budget.off is None else budget.off
    tokens = _BUDGETS.get(effort, budget.most)
    return max(budget.least, min(tokens, budget.most))
