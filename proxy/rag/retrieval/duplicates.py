"""Which texts say the same in nearly the same words. Pure.

Two texts are alike when most of their runs of words are the same. Hardly any two are, and a few
runs of each tell so: when two sets have four fifths in common, so have the beginnings of both, put
into one order (Chaudhuri, Ganti & Kaushik, "A Primitive Operator for Similarity Joins", 2006).
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORD = re.compile(r"\w+")
_RUN = 3
"""Words in a row that are compared."""
_REMEMBERED_MARKS = 16_384
"""Of so many texts, half a kilobyte each."""
SAME_PERCENT = 80
"""Of all runs of two texts: from here on the second one adds nothing."""


class SeenTexts:
    """Remembers texts, and knows a text that was nearly seen before."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._marks: set[int] = set()
        """Of all of them."""

    def is_repeated(self, text: str) -> bool:
        """Tell whether a text nearly repeats one before; if not, it is remembered."""
        marks = _marks(text)
        if not self._marks.isdisjoint(marks) and any(_are_alike(text, t) for t in self._texts):
            return True
        self._texts.append(text)
        self._marks.update(marks)
        return False


def _are_alike(text: str, other: str) -> bool:
    if set(_marks(text)).isdisjoint(_marks(other)):
        return False
    one, two = set(_runs(text)), set(_runs(other))
    common = len(one & two)
    return 100 * common >= SAME_PERCENT * (len(one) + len(two) - common)


@lru_cache(maxsize=_REMEMBERED_MARKS)
def _marks(text: str) -> Sequence[int]:
    """Return numbers of which two texts that are alike have at least one in common."""
    numbers = sorted(set(map(hash, _runs(text))))
    needed = -(-SAME_PERCENT * len(numbers) // 100)
    return array("q", numbers[: len(numbers) - needed + 1])


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    if len(words) < _RUN:
        return [tuple(words)]
    return zip(*(words[skipped:] for skipped in range(_RUN)), strict=False)
