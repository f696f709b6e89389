"""`reasoning_effort` to Gemini's `thinkingConfig`, by what the model accepts.

A level on a 2.5 model, a budget on a newer one, or any config on a model that does not think is
a 400 upstream, so the profile decides. Budgets are those of Google's own compatibility layer.
"""

from typing import Any

from proxy.adapters.gemini.profiles import Profile, ThinkingBudget

_LEVELS = {"minimal": 0, "low": 1, "medium": 2, "high": 3, "xhigh": 3, "max": 3}
_NAMES = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
_BUDGETS = {"low": 1_024, "medium": 8_192, "high": 24_576}


def thinking_config(
    profile: Profile, effort: str | None, *, has_small_limit: bool
) -> dict[str, Any] | None:
    """Return `thinkingConfig`, None to leave the model its own default.

    With a small output limit a model that nobody told to think is told to think as little as it
    can: thoughts count towards the limit.
    """
    if effort is None:
        if not has_small_limit:
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
    tokens = budget.minimal if effort == "minimal" else _BUDGETS.get(effort, budget.most)
    return min(tokens, budget.most)
