"""What a sentence states that can be compared: its words, names, numbers and denials."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from proxy.language.numbers import Number, may_hold_number, numbers_at
from proxy.language.phrases import simply_said
from proxy.language.polarity import NEGATORS
from proxy.language.sentences import ABBREVIATIONS
from proxy.language.words import FUNCTION_WORDS, pairs_of, stem

_TOKEN = re.compile(
    r"(?P<code>(?<!`)`++[^`]++`++)"
    r"|(?P<word>(?:--?|[/.@$])?[^\W_](?:[\w./:@+#*\-’']*[\w+#*])?)"
    r"|(?P<break>[,;:—–!?])"
)
_REMEMBERED_WORDS = 20_000
"""A book has so many different ones; each costs five microseconds to take apart."""
_REMEMBERED_NAMES = 4_096
_MAX_WORDS = 250
"""Words of a sentence that are compared; what is longer is a listing or a table run together."""
_MAX_WORD_CHARS = 200
"""And so is a word that is longer than this."""

_PART = re.compile(r"[^\W_]+")
_MEASURE = re.compile(
    r"[\d.,]*(?:[kMGTm]?(?:Hz|Wh|Ah|Nm|Pa|bit|bps)|V[AD]C|°[CF]|[kmc][mg])"
    r"|[\d.,]+(?:[kMGTm]?[VAWN]|[CFKmg])"
)
"""A unit's sign, compared as such; a letter alone is one only behind its number."""
_UNIT_LETTERS = frozenset("VAWNCFK")
_SMALL = FUNCTION_WORDS | NEGATORS
_SPLIT_NAME = re.compile(r"[A-Z]{2,}|[a-z][A-Z]|[\d_/@:]|\w\.\w")
_CLAUSE_BEGINS_WORDS = (
    "and but because so while whereas which since if when unless although though plus"
)
_CLAUSE_BEGINS = frozenset(_CLAUSE_BEGINS_WORDS.split())
NAME_MARKS = "-./@$"
"""A word that begins with one of these is an option, a path, a file name."""
HAS_LETTER = re.compile(r"[^\W\d_]")


class Name(NamedTuple):
    """A name at its place."""

    text: str
    """Lower case."""
    place: int
    """Of its first word in `Facts.words`."""
    is_code: bool
    is_sure: bool
    """It is no word that only begins the sentence with a capital."""


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


@dataclass(frozen=True, eq=False)
class Facts:
    """A sentence taken apart; what only some comparisons ask for is found when they do."""

    words: tuple[Word, ...]
    texts: frozenset[str]
    """Of all words."""
    stems: frozenset[str]
    """Of the content words."""
    names: frozenset[str]
    """Identifiers, code and proper names, in lower case; not what only begins the sentence."""
    codes: frozenset[str]
    """What stands in backticks, as it is written."""
    named: tuple[Name, ...]
    """`names` in order, with their places, and the first word where it is capitalised."""
    counted: str
    """The sentence where it may hold a number; else ""."""
    counting: tuple[tuple[int, int], ...]
    """Where words begin in it that may hold one, and their places in `words`."""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers."""
        return tuple(number for number, _ in self.counts)

    @cached_property
    def counts(self) -> tuple[tuple[Number, int], ...]:
        """The numbers, each with its place in `words`."""
        starts = [start for start, _ in self.counting]
        found = islice(numbers_at(self.counted), _MAX_WORDS)
        return tuple(
            (number, self.counting[max(0, bisect_right(starts, at) - 1)][1]) for at, number in found
        )

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each stem stands in `words`."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            found.setdefault(word.stem, []).append(place)
        return found


def facts_of(text: str) -> Facts:
    """Return what a plain sentence states."""
    text = simply_said(text)
    words: list[Word] = []
    named: list[Name] = []
    codes: set[str] = set()
    counting: list[tuple[int, int]] = []
    clause = 0
    for start, look in _looks(text):
        if look is None:
            clause += 1
            continue
        if len(words) >= _MAX_WORDS:
            text = text[:start]
            break
        place, clause = len(words), clause + look.begins_clause
        made_of = _words(look.shown, clause)
        if look.is_ordinary:
            words += made_of
            continue
        if look.is_name or (look.may_be_name and place):
            # The "no" of `--no-verify` denies nothing, nor does "None Of The Above".
            made_of = [word for word in made_of if word.text not in NEGATORS]
        if not made_of:
            continue
        words += made_of
        if look.is_name or look.may_be_name:
            named.append(Name(look.bare, place, look.is_code, look.is_name))
        if look.is_code:
            codes.add(look.shown)
        if look.may_count:
            counting.append((start, place))
    del words[_MAX_WORDS:]
    return Facts(
        tuple(words),
        frozenset(map(_TEXT, words)),
        frozenset([word.stem for word in words if word.is_content]),
        frozenset(name.text for name in named if name.place or name.is_sure),
        frozenset(codes),
        tuple(named),
        text if counting else "",
        tuple(counting),
    )


def _looks(text: str) -> Iterator[tuple[int, "_Look | None"]]:
    """Yield where each word begins and what it looks like; None: here a clause ends."""
    is_behind_number = False
    for match in _TOKEN.finditer(text):
        raw = match[0]
        if match.lastgroup == "break":
            yield match.start(), None
            continue
        if match.lastgroup == "word":
            raw = raw[:_MAX_WORD_CHARS]
        if is_behind_number and raw in _UNIT_LETTERS:
            raw = raw.lower()
        is_behind_number = raw[-1].isdigit()
        yield match.start(), _look(raw)


@lru_cache(maxsize=_REMEMBERED_NAMES)
def facts_of_name(name: str) -> Facts:
    """Return what a name is made of: a book has few, and compares them with every sentence."""
    return facts_of(name)


class _Look(NamedTuple):
    """What can be said of a word wherever it stands."""

    shown: str
    """Without backticks."""
    bare: str
    """In lower case, a proper name without the ending of a genitive."""
    begins_clause: bool
    is_code: bool
    is_name: bool
    """It is code or has the look of an identifier."""
    may_be_name: bool
    """It is capitalised, and no word that sentences are made of."""
    may_count: bool
    is_ordinary: bool
    """There is nothing to say of it, as of nearly all words."""


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _look(raw: str) -> _Look:
    shown = raw.strip("`").strip()
    folded = shown.casefold()
    begins_clause = raw.casefold() in _CLAUSE_BEGINS
    is_code = raw[0] == "`"
    is_emphasis = raw.isupper() and folded in _SMALL  # "MUST NOT"
    is_name = is_code or (_is_name(shown) and not is_emphasis)
    may_be_name = (
        shown[:1].isupper()
        and not is_emphasis
        and (folded not in FUNCTION_WORDS or shown == "May")
        and not _MEASURE.fullmatch(shown)
    )
    may_count = may_hold_number(raw)
    says_something = begins_clause or is_name or may_be_name or may_count
    return _Look(
        shown,
        folded if is_name else _bare(shown),
        begins_clause=begins_clause,
        is_code=is_code,
        is_name=is_name,
        may_be_name=may_be_name,
        may_count=may_count,
        is_ordinary=not says_something,
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
def _words(shown: str, clause: int) -> Sequence[Word]:
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
