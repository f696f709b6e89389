"""What each Gemini model can do, as data: no other file asks a model's name what it is.

Source: Google's model pages and the list of shutdowns as of November 2026. A name that is not here
is taken for the newest generation, because that is what an unknown name will be. What the upstream
says of its models at run time refines this (`catalog.py`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

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
    is_off_by_default: bool = False
    """Others think as much as they see fit."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Capabilities of a family of models."""

    levels: tuple[Level, ...] = ()
    """Thinking levels it accepts, least first; empty: it has none."""
    default_level: Level | None = None
    """The level it has of itself; None: it has no levels."""
    budget: ThinkingBudget | None = None
    input_token_limit: int = 1_048_576
    output_token_limit: int = 65_536
    honours_sampling: bool = False
    """Whether temperature, top_p and top_k have an effect; others ignore them in silence."""
    accepts_penalties: bool = False
    accepts_trailing_model_turn: bool = False
    """Whether a conversation may end with the model's own turn (prefill)."""
    has_tools: bool = True
    """Whether it calls functions."""
    has_signatures: bool = True
    """Whether calls carry thought signatures that have to come back (Gemini 3 on)."""
    has_media_levels: bool = True
    """Whether a part takes a media resolution (Gemini 3 on)."""
    reads_media_in_results: bool = True
    """Whether a function's result may hold images and files (Gemini 3 on)."""
    has_logprobs: bool = False
    """Whether the Gemini API gives log probabilities."""
    has_logprobs_on_vertex: bool = False
    joins_schema_and_tools: bool = True
    """Whether a response schema and function tools go together (Gemini 3 on)."""
    makes_images: bool = False
    """Whether it answers with images."""

    @property
    def thinks(self) -> bool:
        """Whether its thinking can be set."""
        return bool(self.levels) or self.budget is not None


@dataclass(frozen=True, slots=True)
class EmbeddingProfile:
    """Capabilities of an embedding model."""

    input_token_limit: int = 8_192
    """Tokens of one text; the rest is left out without a word."""
    has_task_types: bool = False
    """Whether `taskType` says what a text is for; newer models are told by a prefix."""
    is_predicted_on_vertex: bool = False
    """Whether Vertex AI has it behind `predict`."""
    relevance_floor: float = 0.5
    """Cautious: an unrelated text still scores about 0.5 with 001. Tune with PROXY_MIN_SCORE."""


_WITHOUT_MINIMAL: tuple[Level, ...] = ("LOW", "MEDIUM", "HIGH")
_FULL: tuple[Level, ...] = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
NEWEST = Profile(levels=_WITHOUT_MINIMAL, default_level="MEDIUM")


def _from_3(levels: tuple[Level, ...], default_level: Level) -> Profile:
    """Return the profile of Gemini 3.0 and 3.1."""
    return Profile(
        levels=levels,
        default_level=default_level,
        honours_sampling=True,
        accepts_trailing_model_turn=True,
    )


def _before_3(**capabilities: Any) -> Profile:
    """Return a profile without what came with Gemini 3."""
    return Profile(
        honours_sampling=True,
        accepts_trailing_model_turn=True,
        has_signatures=False,
        has_media_levels=False,
        reads_media_in_results=False,
        joins_schema_and_tools=False,
        has_logprobs_on_vertex=True,
        **capabilities,
    )


_FAMILIES: tuple[tuple[re.Pattern[str], Profile], ...] = tuple(
    (re.compile(pattern), profile)
    for pattern, profile in (
        (
            r"gemini-(2\.|1\.).*-image",
            _before_3(
                input_token_limit=32_768,
                output_token_limit=32_768,
                has_tools=False,
                makes_images=True,
            ),
        ),
        (
            r"gemini-3-pro-image",
            Profile(input_token_limit=131_072, output_token_limit=32_768, makes_images=True),
        ),
        (r"gemini-.*-image", Profile(input_token_limit=65_536, makes_images=True)),
        (r"gemini-.*-tts", Profile(input_token_limit=8_192, output_token_limit=16_384)),
        (
            r"gemini-3\.5-flash(?!-lite)",
            Profile(levels=_FULL, default_level="MEDIUM", honours_sampling=True),
        ),
        (r"gemini-3\.6-flash", Profile(levels=_FULL, default_level="MEDIUM")),
        (r"gemini-(3\.5-flash-lite|flash-lite-latest)", Profile(_FULL, "MINIMAL")),
        (r"gemini-3\.1-flash-lite", _from_3(_FULL, "MINIMAL")),
        (r"gemini-3-flash", _from_3(_FULL, "HIGH")),
        (r"gemini-3-pro", _from_3(("LOW", "HIGH"), "HIGH")),
        (r"gemini-3\.1-pro|gemini-pro-latest", _from_3(_WITHOUT_MINIMAL, "HIGH")),
        (
            r"gemini-2\.5-flash-lite",
            _before_3(budget=ThinkingBudget(0, 512, 24_576, minimal=512, is_off_by_default=True)),
        ),
        (r"gemini-2\.5-flash", _before_3(budget=ThinkingBudget(0, 1, 24_576))),
        (r"gemini-2\.5-pro", _before_3(budget=ThinkingBudget(None, 128, 32_768))),
        (r"gemini-2\.5-", _before_3(budget=ThinkingBudget(None, 128, 24_576))),
        (r"gemini-(2\.0|1\.)", _before_3(output_token_limit=8_192, accepts_penalties=True)),
        (
            r"gemma-4",
            _before_3(input_token_limit=262_144, output_token_limit=32_768, accepts_penalties=True),
        ),
        (
            r"gemma-",
            _before_3(input_token_limit=131_072, output_token_limit=8_192, accepts_penalties=True),
        ),
    )
)
"""The first that matches the beginning of a name counts."""

_EMBEDDING_FAMILIES: tuple[tuple[re.Pattern[str], EmbeddingProfile], ...] = (
    (
        re.compile(r"gemini-embedding-001"),
        EmbeddingProfile(
            2_048, has_task_types=True, is_predicted_on_vertex=True, relevance_floor=0.55
        ),
    ),
    (re.compile(r"gemini-embedding-2"), EmbeddingProfile(relevance_floor=0.4)),
)

_SHUTDOWNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), date)
    for pattern, date in (
        (r"gemini-2\.0-.*", "2026-06-01"),
        (r"gemini-3-pro-preview", "2026-03-09"),
        (r"gemini-3\.1-flash-lite-preview", "2026-05-25"),
        (r"gemini-3(-pro|\.1-flash)-image-preview", "2026-06-25"),
        (r"gemini-2\.5-(pro|flash)", "2026-12-01"),
        (r"gemini-3\.1-flash-lite", "2027-05-07"),
        (r"gemini-embedding-001", "2028-05-14"),
    )
)
"""Of the Gemini API, as ISO dates; on Vertex AI other dates may apply."""


@lru_cache(maxsize=256)
def profile_of(model: str) -> Profile:
    """Return the capabilities of `model`."""
    for pattern, profile in _FAMILIES:
        if pattern.match(model):
            return profile
    return NEWEST


@lru_cache(maxsize=64)
def embedding_profile_of(model: str) -> EmbeddingProfile:
    """Return the capabilities of an embedding model."""
    for pattern, profile in _EMBEDDING_FAMILIES:
        if pattern.match(model):
            return profile
    return EmbeddingProfile()


def shutdown_date_of(model: str) -> str | None:
    """Return the day on which a model is, or was, switched off; None where none was announced."""
    return next((date for pattern, date in _SHUTDOWNS if pattern.fullmatch(model)), None)
