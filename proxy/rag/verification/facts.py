"""What a sentence states that can be compared: its words, names, numbers and denials."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from proxy.language.numbers import Number, numbers_in
from proxy.language.polarity import NEGATORS
from proxy.language.sentences import ABBREVIATIONS
from proxy.language.words import FUNCTION_WORDS, pairs_of, stem

_TOKEN = re.compile(
    r"(?P<code>`+[^`]+`+)|(?P<word>(?:--?|[/.@$])?[^\W_](?:[\w./:@+#*\-’']*[\w+#*])?)|(?P<break>[,;:()—–!?])"
)
_REMEMBERED_WORDS = 20_000
"""A book has so many different ones; each costs five microseconds to take apart."""
_PART = re.compile(r"[^\W_]+")
_SPLIT_NAME = re.compile(r"[A-Z]{2,}|[a-z][A-Z]|[\d_/@:]|\w\.\w")
_BOUND = re.compile(
    r"\b(?:(?:(?:do|does) not|never|not|cannot) exceed(?:ing|s)?|exceed(?:s|ing)? no"
    r"|not? more than|no (?:longer|larger|greater|higher|bigger|later|sooner) than"
    r"|no (?:smaller|lower|less|fewer|earlier) than"
    r"|at (?:the )?(?:most|least)|up to)\b",
    re.IGNORECASE,
)
"""Says how much; the denial in it denies nothing."""
_SAID_SIMPLY = (
    (_BOUND, "within"),
    (re.compile(r"\b(?:nothing|no one|none|no other) (?:but|than)\b", re.IGNORECASE), "only"),
    (re.compile(r"\b(?:(?:any|some)(?:thing|one|body) but|other than)\b", re.IGNORECASE), "except"),
    (re.compile(r"\b(?:keep|leave)s? ([^.;:]{1,60}?) out\b", re.IGNORECASE), r"except \1"),
    (re.compile(r"\b1st\b", re.IGNORECASE), "first"),
    (re.compile(r"\b2nd\b", re.IGNORECASE), "second"),
    (re.compile(r"\b3rd\b", re.IGNORECASE), "third"),
)
"""Ways to say in many words what one says."""
_CLAUSE_BEGINS_WORDS = (
    "and but because so while whereas which since if when unless although though plus"
)
_CLAUSE_BEGINS = frozenset(_CLAUSE_BEGINS_WORDS.split())
NAME_MARKS = "-./@$"
"""A word that begins with one of these is an option, a path, a file name."""
HAS_LETTER = re.compile(r"[^\W\d_]")


class Word(NamedTuple):
    """A word at its place."""

    text: str
    """Lower case."""
    stem: str
    is_content: bool
    clause: int
    """Counts the clauses of the sentence, from 0."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A sentence taken apart."""

    words: tuple[Word, ...]
    stems: frozenset[str]
    """Of the content words."""
    names: frozenset[str]
    """Identifiers, code and proper names, in lower case; not what only begins the sentence."""
    codes: frozenset[str]
    """What stands in backticks, as it is written."""
    compounds: frozenset[str]
    """Words with a hyphen, in lower case."""
    opening: str
    """The first word where it is capitalised and may be a name, in lower case; else ""."""
    numbers: tuple[Number, ...]

    @property
    def negators(self) -> list[int]:
        """Places in `words` of words that deny; an answer's opening "No," is none."""
        return [
            i
            for i, word in enumerate(self.words)
            if word.text in NEGATORS and not (i == 0 and self._clause_of_one(word))
        ]

    def _clause_of_one(self, word: Word) -> bool:
        return sum(other.clause == word.clause for other in self.words) == 1


def facts_of(text: str) -> Facts:
    """Return what a plain sentence states."""
    words: list[Word] = []
    names: set[str] = set()
    codes: set[str] = set()
    compounds: set[str] = set()
    opening = ""
    clause = 0
    is_first = True
    for token in _TOKEN.finditer(_simple(text)):
        if token["break"]:
            clause += 1
            continue
        raw = token["code"] or token["word"]
        clause += raw.casefold() in _CLAUSE_BEGINS
        shown = raw.strip("`").strip()
        if token["code"] or _is_name(shown):
            names.add(shown.casefold())
        elif shown[:1].isupper() and shown.casefold() not in FUNCTION_WORDS:
            if is_first:
                opening = shown.casefold()
            else:
                names.add(_bare(shown))
        if token["code"]:
            codes.add(shown)
        if "-" in shown:
            compounds.add(shown.casefold())
        is_first = False
        words += [Word(*piece, clause) for piece in _pieces(shown)]
    stems = frozenset(word.stem for word in words if word.is_content)
    return Facts(
        tuple(words),
        stems,
        frozenset(names),
        frozenset(codes),
        frozenset(compounds),
        opening,
        tuple(numbers_in(text)),
    )


def _simple(text: str) -> str:
    for pattern, word in _SAID_SIMPLY:
        text = pattern.sub(word, text)
    return text


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _is_name(word: str) -> bool:
    """Whether a word has the look of an identifier wherever it stands."""
    if word.casefold() in ABBREVIATIONS:
        return False
    is_marked = word[:1] in NAME_MARKS or _SPLIT_NAME.search(word)
    return bool(is_marked) and bool(HAS_LETTER.search(word))


def _bare(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s")


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _pieces(shown: str) -> tuple[tuple[str, str, bool], ...]:
    """Return what a word is made of: each piece, its stem, and whether it says what about."""
    joined = shown.casefold().replace("’", "").replace("'", "")
    if joined in NEGATORS:
        return ((joined, joined, False),)
    parts = _PART.findall(_bare(shown)) or [shown]
    pieces = (piece for part in parts for piece in pairs_of(part))
    return tuple((piece, stem(piece), piece not in FUNCTION_WORDS) for piece in pieces)
