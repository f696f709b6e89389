"""What a client asks of the model's thinking to Gemini's `thinkingConfig`.

A level on a 2.5 model, a budget on a newer one, or any config on a model that does not think is
a 400 upstream, so the profile decides. Budgets are those of Google's own compatibility layer.
"""

from typing import Any

from proxy.adapters.gemini.profiles import Profile, ThinkingBudget
from proxy.protocol.reasoning import NOT_ASKED, Thinking

_LEVELS = {"minimal": 0, "low": 1, "medium": 2, "high": 3, "xhigh": 3, "max": 3}
_NAMES = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
_BUDGETS = {"low": 1_024, "medium": 8_192, "high": 24_576}


def thinking_config(
    profile: Profile, thinking: Thinking, *, has_small_limit: bool, enough: str | None = None
) -> dict[str, Any] | None:
    """Return `thinkingConfig`, None to leave the model its own default.

    With a small output limit a model that nobody told to think is told to think as little as it
    can: thoughts count towards the limit. Else, where the effort `enough` is, one that would think
    more by itself is told so.
    """
    if thinking is NOT_ASKED and enough is None and not has_small_limit:
        return None
    effort, budget = thinking.effort, thinking.budget_tokens
    if effort is None and budget is None:
        if has_small_limit:
            effort = "none"
        elif enough is not None and _exceeds(profile, enough):
            effort = enough
    config: dict[str, Any] = {}
    if profile.levels and (effort is not None or budget is not None):
        config["thinkingLevel"] = _level(profile, effort or _effort_for(budget or 0))
    elif profile.budget is not None and budget is not None:
        config["thinkingBudget"] = _bounded(profile.budget, budget)
    elif profile.budget is not None and effort is not None:
        config["thinkingBudget"] = _budget(profile.budget, effort)
    thinks = bool(profile.levels or profile.budget) and config.get("thinkingBudget") != 0
    if thinking.is_shown and thinks:
        config["includeThoughts"] = True
    return config or None


def _exceeds(profile: Profile, effort: str) -> bool:
    """Whether a model thinks more than `effort` when it is told nothing."""
    if profile.default_level is not None:
        return _NAMES.index(profile.default_level) > _LEVELS[effort]
    return profile.budget is not None and not profile.budget.is_off_by_default


def _level(profile: Profile, effort: str) -> str:
    wanted = _LEVELS.get(effort, 0)
    return next((n for n in _NAMES[wanted:] if n in profile.levels), profile.levels[-1])


def _effort_for(budget_tokens: int) -> str:
    """Return the effort whose budget is nearest above; -1, Gemini's "as you see fit", is medium."""
    if budget_tokens < 0:
        return "medium"
    if budget_tokens == 0:
        return "none"
    return next((e for e, tokens in _BUDGETS.items() if budget_tokens <= tokens), "high")


def _budget(budget: ThinkingBudget, effort: str) -> int:
    if effort == "none":
        return budget.least if budget.off is None else budget.off
    tokens = budget.minimal if effort == "minimal" else _BUDGETS.get(effort, budget.most)
    return min(tokens, budget.most)


def _bounded(budget: ThinkingBudget, tokens: int) -> int:
    if tokens == -1:
        return -1
    if tokens == 0 and budget.off is not None:
        return budget.off
    return max(budget.least, min(tokens, budget.most))
