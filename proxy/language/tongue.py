"""Tells roughly which language a text is in: its script, and English from its neighbours."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_ENGLISH_WORDS = (
    "the of and to with that this by from which when it its be not are for at your you than more"
    " only each if can will must does is was were has have an on as or but they their there"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS_WORDS = (
    "el la los las que en una un por para con es se del al como le les des est dans une pour et du"
    " ne pas sur qui sont au aux der die das und ist nicht ein eine mit von zu den werden wird auf"
    " oder im dem auch il di che non per sono della dei nel gli alla o os uma não com da dos mais"
    " het een van niet voor zijn worden och att är som av på ve bir için jest nie"
)
_OTHERS = frozenset(_OTHERS_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE_CHARS = 600
_CJK = frozenset({"CJK", "HIRAGANA", "KATAKANA"})


def script_of(text: str) -> str:
    """Return the script of most letters as Unicode names it (`LATIN`, `ARABIC`); "" for none."""
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii():
        return "LATIN" if any(map(str.isalpha, sample)) else ""
    counts = Counter(map(_script_of_letter, filter(str.isalpha, sample)))
    return counts.most_common(1)[0][0] if counts else ""


@lru_cache(maxsize=4_096)
def _script_of_letter(letter: str) -> str:
    script = unicodedata.name(letter, " ").split()[0]
    return "CJK" if script in _CJK else script


def is_english(text: str) -> bool:
    """Whether a text in Latin letters is English; true where nothing speaks against it."""
    words = list(map(str.lower, _WORD.findall(text[:_SAMPLE_CHARS])))
    ours = sum(map(_ENGLISH.__contains__, words))
    theirs = sum(map(_OTHERS.__contains__, words))
    return ours >= theirs
