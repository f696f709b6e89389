"""What kind of answer a question asks for, and whether a piece of text looks like one.

Called by `relevance.py`. Pure. Each cue is a pattern on the question and a pattern on the answer;
they know English only, and say nothing about questions in other languages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from proxy.adapters.local.units import Unit
from proxy.language.tongue import is_english
from proxy.language.words import FUNCTION_WORDS, stem, terms


@dataclass(frozen=True, slots=True)
class Cue:
    """A kind of question and the look of its answers."""

    asks: re.Pattern[str]
    fits: Callable[[Unit], bool]


def _says(pattern: str) -> Callable[[Unit], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda unit: compiled.search(unit.text) is not None


def _asks(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_INLINE_CODE = _says(r"`[^`]+`")
_STEP = _says(
    r"^(then |next,? |first,? |to [a-z]|you (can|should|must|need|have)|"
    r"use|run|call|set|add|pass|open|install|create|enable|import|put|choose|press|write|start)\b|"
    r"\b(by (using|calling|setting|adding)|can be|should|must)\b"
)

_NAME = re.compile(r"(?<=[\w,;:)] )(?=[^\W_]*[A-Z]|[^\W\d_]+\d)([^\W_]{2,})")
_PLURAL = re.compile(r"^([A-Z]{2,})s$")
_DIGITS = re.compile(r"\d+")
_DEFINITION_ASKED = re.compile(
    r"(what (is|are|does)|what's|define|explain)\s+((an?|the)\s+)?`?(?P<subject>[^?`]+?)`?"
    r"(\s+(mean|do|stand for))?\s*\??$",
    re.IGNORECASE,
)
_DEFINES = (
    r"\s((is|are) (an?|the|one|any)|means|refers to|stands for|describes|lets|allows|provides)\b"
)

CUES = (
    Cue(
        _asks(r"\bhow (many|much|long|big|large|often|short|high|fast|old|far)\b|"
              r"\b(number|size|port|maximum|minimum|limit|percentage)\b"),
        _says(r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|twice|once|zero)\b"),
    ),
    Cue(
        _asks(r"\bwhere\b|\b(which|what) (file|folder|directory|path|location)\b"),
        _says(r"[\w.~$-]*/[\w.$-]+|\b(in|under|below|inside|within) (the |your )?`"),
    ),
    Cue(
        _asks(r"^when\b|\bat what (time|point)\b"),
        _says(r"\b(when|after|before|until|once|as soon as|whenever|every|while|during|\d{4})\b"),
    ),
    Cue(
        _asks(r"\bwhy\b|\bwhat (is the )?reason\b"),
        _says(r"\b(because|since|so that|as this|due to|in order to|otherwise|therefore|reason|"
              r"prevents?|avoids?|means that|makes? it)\b"),
    ),
    Cue(
        _asks(r"^(what (is|are)|what's|define|explain)\b|\bwhat does .* mean\b"),
        _says(r"^.{0,60}\b(is|are|means|refers to|stands for|describes|provides|consists?)\b"),
    ),
    Cue(
        _asks(r"^how (do|can|should|would|could|to)\b|\bhow (do|can) (i|we|you)\b|"
              r"\bwhat can i do\b"),
        lambda unit: unit.kind == "code" or _STEP(unit) or _INLINE_CODE(unit),
    ),
    Cue(
        _asks(r"\b(which|what) (command|option|flag|tool|function|method|prop|property|component|"
              r"variable|parameter|setting|field|module|class|event|hook|header|key)s?\b"),
        lambda unit: unit.kind == "code" or _INLINE_CODE(unit),
    ),
    Cue(
        _asks(r"^(may|can|could|should|must|shall|is it|are there|does|do|is|are|has|have)\b|"
              r"\b(allowed|forbidden|permitted|required|mandatory)\b"),
        _says(r"\b(must|may|should|can(not)?|not|never|always|only|required|allowed|permitted|"
              r"supports?|supported|yes|no)\b"),
    ),
)  # fmt: skip


def cues_of(question: str) -> list[Cue]:
    """Return the cues that a question gives."""
    return [cue for cue in CUES if cue.asks.search(question.strip())]


def defines(question: str, unit: Unit) -> bool:
    """Return whether the unit begins to say what the thing is that the question asks about."""
    asked = _DEFINITION_ASKED.match(question.strip())
    if asked is None:
        return False
    subject = re.escape(asked["subject"])
    return bool(
        re.match(
            rf"\W*((an?|the)\s+)?`?{subject}`?\b.{{0,25}}?{_DEFINES}", unit.text, re.IGNORECASE
        )
    )


def names_in(question: str) -> set[str]:
    """Return what an English question calls by name; of other languages nothing.

    Those are the words with a capital letter or a digit among letters, the first one left aside.
    """
    if question.isupper() or not is_english(question):
        return set()
    return {name for name in _NAME.findall(question) if name.lower() not in FUNCTION_WORDS}


def is_known(name: str, known: set[str]) -> bool:
    """Return whether a name, or all that it is made of, is among the terms of a text."""
    name = _PLURAL.sub(r"\1", name)
    whole = stem(name.lower())
    parts = terms(_DIGITS.sub(r" \g<0> ", name)) - {whole}
    return whole in known or bool(parts and parts <= known)


def fit(cues: list[Cue], unit: Unit) -> float:
    """Return the share of the cues that a unit satisfies, 0 … 1; 0 without cues."""
    return sum(cue.fits(unit) for cue in cues) / len(cues) if cues else 0.0
