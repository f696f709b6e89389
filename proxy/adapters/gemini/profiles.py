"""What each Gemini model can do, as data: no other file asks a model's name what it is.

Source: Google's model pages and the shutdown list as of November 2026. A name that is not here is
taken for the newest generation, because that is what an unknown name will be.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Level = Literal["MINIMAL", "LOW", "MEDIUM", "HIGH"]


@dataclass(frozen=True, slots=True)
class ThinkingBudget:
    """Thinking as a number of tokens (Gemini 2.5)."""

    off: int | None
    """The budget that switches thinking off; None where it cannot be."""
    least: int
    most: int
    minimal: int = 1_024
    """What `minimal` stands for."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Capabilities of a family of models."""

    levels: tuple[Level, ...] = ()
    """Thinking levels it accepts, least first; empty: it has none."""
    budget: ThinkingBudget | None = None
    output_token_limit: int = 65_536
    accepts_penalties: bool = False
    accepts_trailing_model_turn: bool = False
    """Whether a conversation may end with the model's own turn (prefill)."""


_WITHOUT_MINIMAL: tuple[Level, ...] = ("LOW", "MEDIUM", "HIGH")
_FULL: tuple[Level, ...] = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
NEWEST = Profile(levels=_WITHOUT_MINIMAL)
_FAMILIES: tuple[tuple[re.Pattern[str], Profile], ...] = tuple(
    (re.compile(pattern), profile)
    for pattern, profile in (
        (r"gemini-.*-image", Profile(output_token_limit=32_768)),
        (r"gemini-3\.(5|6)-flash(?!-lite)", Profile(levels=_FULL)),
        (r"gemini-3\.(1|5)-flash-lite", Profile(levels=_FULL)),
        (r"gemini-flash-lite-latest", Profile(levels=_FULL)),
        (r"gemini-3-flash", Profile(levels=_FULL, accepts_trailing_model_turn=True)),
        (r"gemini-3-pro", Profile(levels=("LOW", "HIGH"), accepts_trailing_model_turn=True)),
        (
            r"gemini-3\.1-pro",
            Profile(levels=_WITHOUT_MINIMAL, accepts_trailing_model_turn=True),
        ),
        (
            r"gemini-2\.5-flash-lite",
            Profile(
                budget=ThinkingBudget(0, 512, 24_576, minimal=512), accepts_trailing_model_turn=True
            ),
        ),
        (
            r"gemini-2\.5-flash",
            Profile(budget=ThinkingBudget(0, 1, 24_576), accepts_trailing_model_turn=True),
        ),
        (
            r"gemini-2\.5-pro",
            Profile(budget=ThinkingBudget(None, 128, 32_768), accepts_trailing_model_turn=True),
        ),
        (
            r"(gemini-(2\.0|1\.)|gemma-)",
            Profile(
                output_token_limit=8_192, accepts_penalties=True, accepts_trailing_model_turn=True
            ),
        ),
    )
)


@lru_cache(maxsize=256)
def profile_of(model: str) -> Profile:
    """Return the capabilities of `model`."""
    for pattern, profile in _FAMILIES:
        if pattern.match(model):
            return profile
    return NEWEST
