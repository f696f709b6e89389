"""What a sentence states that can be compared: its words, names, numbers and denials."""

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from proxy.language.numbers import Number, may_hold_number, numbers_in
from proxy.language.polarity import NEGATORS
from proxy.language.sentences import ABBREVIATIONS
from proxy.language.words import FUNCTION_WORDS, pairs_of, stem

_TOKEN = re.compile(
    r"(?P<code>(?<!`)`++[^`]++`++)|(?P<word>(?:--?|[/.@$])?[^\W_](?:[\w./:@+#*\-’']*[\w+#*])?)|(?P<break>[,;:()—–!?])"
)
_REMEMBERED_WORDS = 20_000
"""A book has so many different ones; each costs five microseconds to take apart."""
_REMEMBERED_NAMES = 4_096
_REMEMBERED_TEXTS = 1_024
_PART = re.compile(r"[^\W_]+")
_MEASURE = re.compile(
    r"[\d.,]*(?:[kMGTm]?(?:V|A|W|Hz|Wh|Ah|N|Nm|Pa|bit|bps)|V[AD]C|°?[CFK]|[kmc]?[mg])"
)
"""A unit's sign, with or without its number, which is compared as such."""
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
    (("exceed", " than", "most", "least", "up to"), _BOUND, "within"),
    (
        (" but", " than"),
        re.compile(r"\b(?:nothing|no one|none|no other) (?:but|than)\b", re.IGNORECASE),
        "only",
    ),
    (
        (" but", "other than", "apart from"),
        re.compile(
            r"\b(?:(?:any|some)(?:thing|one|body) but|other than|apart from)\b", re.IGNORECASE
        ),
        "except",
    ),
    (
        (" out",),
        re.compile(r"\b(?:keep|leave)s? ([^.;:]{1,60}?) out\b", re.IGNORECASE),
        r"except \1",
    ),
    ((" has to", " have to"), re.compile(r"\bha(?:s|ve) to\b", re.IGNORECASE), "must"),
    (("1st",), re.compile(r"\b1st\b", re.IGNORECASE), "first"),
    (("2nd",), re.compile(r"\b2nd\b", re.IGNORECASE), "second"),
    (("3rd",), re.compile(r"\b3rd\b", re.IGNORECASE), "third"),
)
"""Ways to say in many words what one says. One of the marks stands in every such phrase."""
_MAY_BE_SIMPLER = re.compile("|".join(mark for marks, _, _ in _SAID_SIMPLY for mark in marks))
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


_TEXT = itemgetter(0)
"""Of a `Word`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A sentence taken apart."""

    words: tuple[Word, ...]
    texts: frozenset[str]
    """Of all words."""
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
    counted: str
    """The sentence where it may hold a number; else ""."""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers, looked for when asked for: most lines are never compared by them."""
        return _numbers_of(self.counted) if self.counted else ()

    @property
    def negators(self) -> list[int]:
        """Places in `words` of words that deny; an answer's opening "No," is none."""
        if self.texts.isdisjoint(NEGATORS):
            return []
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
    may_count = False
    for code, plain_word, _ in _TOKEN.findall(_simple(text)):
        raw = code or plain_word
        if not raw:  # a break
            clause += 1
            continue
        look = _look(raw)
        is_first, was_first = False, is_first
        if look.is_ordinary:
            words += _words(raw, clause)
            continue
        clause += look.begins_clause
        if code or look.is_name:
            names.add(look.folded)
        elif look.may_be_name:
            if was_first:
                opening = look.folded
            else:
                names.add(look.bare)
        if code:
            codes.add(look.shown)
        if look.is_compound:
            compounds.add(look.folded)
        may_count = may_count or look.may_count
        pieces = _words(look.shown, clause)
        # The "no" of `--no-verify` denies nothing, nor does "None Of The Above" within a sentence.
        named = code or look.is_name or (raw.istitle() and not was_first)
        words += [w for w in pieces if w.text not in NEGATORS] if named else pieces
    return Facts(
        tuple(words),
        frozenset(map(_TEXT, words)),
        frozenset([word.stem for word in words if word.is_content]),
        frozenset(names),
        frozenset(codes),
        frozenset(compounds),
        opening,
        text if may_count else "",
    )


@lru_cache(maxsize=_REMEMBERED_NAMES)
def facts_of_name(name: str) -> Facts:
    """Return what a name is made of: a book has few, and compares them with every sentence."""
    return facts_of(name)


def _simple(text: str) -> str:
    """Return a text in which what is said in many words is said in one."""
    folded = text.casefold()
    if not _MAY_BE_SIMPLER.search(folded):
        return text
    for marks, pattern, word in _SAID_SIMPLY:
        for mark in marks:
            if mark in folded:
                text = pattern.sub(word, text)
                break
    return text


@lru_cache(maxsize=_REMEMBERED_TEXTS)
def _numbers_of(text: str) -> tuple[Number, ...]:
    return tuple(numbers_in(text))


class _Look(NamedTuple):
    """What can be said of a word wherever it stands."""

    shown: str
    """Without backticks."""
    folded: str
    bare: str
    """In lower case, without the ending of a genitive."""
    begins_clause: bool
    is_name: bool
    """It has the look of an identifier."""
    may_be_name: bool
    """It is capitalised, and no word that sentences are made of."""
    is_compound: bool
    may_count: bool
    is_ordinary: bool
    """There is nothing to say of it, as of nearly all words."""


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _look(raw: str) -> _Look:
    shown = raw.strip("`").strip()
    folded = shown.casefold()
    begins_clause = raw.casefold() in _CLAUSE_BEGINS
    is_name = _is_name(shown)
    may_be_name = (
        shown[:1].isupper() and folded not in FUNCTION_WORDS and not _MEASURE.fullmatch(shown)
    )
    is_compound = "-" in shown and " " not in shown
    may_count = may_hold_number(raw)
    says_something = begins_clause or is_name or may_be_name or is_compound or may_count
    return _Look(
        shown,
        folded,
        _bare(shown),
        begins_clause=begins_clause,
        is_name=is_name,
        may_be_name=may_be_name,
        is_compound=is_compound,
        may_count=may_count,
        is_ordinary=not says_something and raw == shown,
    )


def _is_name(word: str) -> bool:
    """Whether a word has the look of an identifier wherever it stands."""
    if word.casefold() in ABBREVIATIONS or _MEASURE.fullmatch(word):
        return False
    is_marked = word[:1] in NAME_MARKS or _SPLIT_NAME.search(word)
    return bool(is_marked) and bool(HAS_LETTER.search(word))


def _bare(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s")


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _words(shown: str, clause: int) -> tuple[Word, ...]:
    """Return what a word of this clause is made of; passages share what is equal."""
    return tuple(Word(*piece, clause) for piece in _pieces(shown))


def _pieces(shown: str) -> tuple[tuple[str, str, bool], ...]:
    """Return what a word is made of: each piece, its stem, and whether it says what about."""
    joined = shown.casefold().replace("’", "").replace("'", "")
    if joined in NEGATORS:
        return ((joined, joined, False),)
    parts = _PART.findall(_bare(shown)) or [shown]
    pieces = (piece for part in parts for piece in pairs_of(part))
    return tuple((piece, stem(piece), piece not in FUNCTION_WORDS) for piece in pieces)
