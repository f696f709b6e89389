"""Turns text into comparable words: stems, parts of compound names, pairs of CJK characters.

Pure. English is stemmed; other languages are compared word by word.
"""
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# (PyStemmer has no types)

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_FUNCTION_WORDS = (
    "a about above after again all also am an and another any anyone anything are aren as ask at be"
    " been before being below between both but by can cannot could did do does doesn doing don done"
    " down during each else ever every for from get gets getting give go goes got had has have"
    " having he her here him his how i if in instead into is isn it its itself just know let ll"
    " like look m make makes me mean means might mine more most much must my need needs no not of"
    " off on once one only or other our out over own per please possible put re s same say see"
    " shall she should show so some someone something still such t take tell than that the their"
    " them then there these they thing things this those through to too under until up upon us use"
    " used uses using ve very want was way we well were what when where which while who whom whose"
    " why will with without work works would you your yours"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that say how something is asked rather than what."""


def terms(text: str) -> set[str]:
    """Return the distinct content words of a text, stemmed."""
    return {stem(word) for word in _words(text) if word not in FUNCTION_WORDS}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the English stem of a lower-case word; digits and other scripts stay as they are."""
    if not word.isascii():
        return word
    # A stemmer keeps state while it works, so each call has its own.
    return str(Stemmer.Stemmer("english", 0).stemWord(word))


def pairs_of(word: str) -> list[str]:
    """Return the pairs of neighbouring characters of a CJK word, another word as it is."""
    if not _CJK.search(word):
        return [word]
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))]


def _words(text: str) -> Iterator[str]:
    """Yield lower-case words; `numColumns` also gives `num` and `columns`."""
    for match in _WORD.finditer(text):
        word = match[0]
        if _CJK.search(word):
            yield from pairs_of(word)
            continue
        yield word.lower()
        parts = _CAMEL.findall(word) if word.isascii() else []
        if len(parts) > 1:
            yield from (part.lower() for part in parts)
