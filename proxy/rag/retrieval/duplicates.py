"""Which texts say the same in nearly the same words. Pure."""

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_RUN = 3
"""Words in a row that are compared."""
_REMEMBERED_TEXTS = 512
SAME_SHARE = 0.8
"""Of all runs of two texts: from here on the second one adds nothing."""


class SeenTexts:
    """Remembers texts, and knows a text that was nearly seen before."""

    def __init__(self) -> None:
        self._seen: list[frozenset[tuple[str, ...]]] = []

    def is_repeated(self, text: str) -> bool:
        """Tell whether a text nearly repeats one before; if not, it is remembered."""
        runs = _runs(text)
        if any(_likeness(runs, other) >= SAME_SHARE for other in self._seen):
            return True
        self._seen.append(runs)
        return False


@lru_cache(maxsize=_REMEMBERED_TEXTS)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of a text; the passages of a book are asked for again and again."""
    words = _WORD.findall(text.casefold())
    if len(words) < _RUN:
        return frozenset([tuple(words)])
    return frozenset(zip(*(words[skipped:] for skipped in range(_RUN)), strict=False))


def _likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the share of all runs that both have."""
    smaller, larger = sorted((len(one), len(other)))
    if smaller < SAME_SHARE * larger:
        return 0.0
    common = len(one & other)
    return common / (smaller + larger - common)
