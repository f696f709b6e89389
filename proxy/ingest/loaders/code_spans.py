"""Where code ends in Markdown: inline spans and fenced blocks."""

import re
from bisect import bisect_left
from functools import lru_cache

_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(
    r"\n[ \t>]*(?:$|`{3}|~{3}|#{1,6}[ \t]|[-*+|][ \t]|\d{1,9}[.)][ \t])", re.MULTILINE
)


@lru_cache(maxsize=64)
def closing_fence(character: str, length: int) -> re.Pattern[str]:
    """Return the pattern of the line that closes a fence of `length` characters."""
    return re.compile(rf"^[ \t>]*{character}{{{length},}}[ \t]*$", re.MULTILINE)


class CodeSpans:
    """Finds the end of inline code; looks at each paragraph once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = -1
        self._runs: dict[int, list[int]] = {}

    def end(self, start: int) -> int:
        """Return the index behind the code that the backticks at `start` open.

        Where none close it, that is the index behind the backticks.
        """
        ticks = _TICKS.match(self._text, start)
        length = len(ticks[0]) if ticks else 0
        if start >= self._end:
            border = _PARAGRAPH_END.search(self._text, start)
            self._end = border.start() + 1 if border else len(self._text)
            self._runs = {}
            for run in _TICKS.finditer(self._text, start, self._end):
                self._runs.setdefault(len(run[0]), []).append(run.start())
        places = self._runs.get(length, [])
        following = bisect_left(places, start + length)
        return places[following] + length if following < len(places) else start + length
