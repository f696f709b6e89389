"""Which lines of a PDF are headings: those its outline names, else those set larger."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from proxy.ingest.loaders.pdf.glyphs import Entry
from proxy.ingest.loaders.pdf.lines import Line

_LARGER = 1.12
_MOST_LEVELS = 4
_MOST_CHARS = 120
_MOST_LINES = 3
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(
    r"\A(?:(?:chapter|part|appendix|section)\s+)?(?:\d+|[A-Z])(?:\.\d+)*\.?\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and the lines that it consists of."""

    level: int
    text: str
    lines: int
    """0: it stands before the line, and in none."""


def headings_of(
    pages: Sequence[Sequence[Line]], outline: Sequence[Entry]
) -> Mapping[tuple[int, int], list[Heading]]:
    """Return headings by (page, index of the line that they begin at)."""
    found: dict[tuple[int, int], list[Heading]] = {}
    named = _named(pages, outline) if outline else _larger(pages)
    for place, heading in named:
        found.setdefault(place, []).append(heading)
    return found


def _named(
    pages: Sequence[Sequence[Line]], outline: Sequence[Entry]
) -> Iterator[tuple[tuple[int, int], Heading]]:
    taken: set[tuple[int, int]] = set()
    for entry in outline:
        if not 0 <= entry.page < len(pages):
            continue
        lines = pages[entry.page]
        at, count = _find(lines, entry, {index for page, index in taken if page == entry.page})
        if count:
            taken.update((entry.page, index) for index in range(at, at + count))
            text = " ".join(line.text for line in lines[at : at + count])
            shown = entry.title if text.isupper() else text
            yield (entry.page, at), Heading(entry.level, shown, count)
        else:
            yield (entry.page, at), Heading(entry.level, entry.title, 0)


def _find(lines: Sequence[Line], entry: Entry, taken: set[int]) -> tuple[int, int]:
    """Return the index and number of the lines that an entry stands for.

    Where none does, the index is that of the first line below the place it leads to.
    """
    wanted = _letters(entry.title)
    for at in range(len(lines)):
        text = ""
        for count in range(1, _MOST_LINES + 1):
            if at + count > len(lines) or at + count - 1 in taken:
                break
            text += lines[at + count - 1].text + " "
            if wanted and wanted in (_letters(text), _letters(_NUMBER.sub("", text))):
                return at, count
    if entry.top is None:
        return 0, 0
    below = (at for at, line in enumerate(lines) if line.bottom < entry.top)
    return next(below, len(lines)), 0


def _larger(pages: Sequence[Sequence[Line]]) -> Iterator[tuple[tuple[int, int], Heading]]:
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[_rounded(line.size)] += len(line.text)
    if not sizes:
        return
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size >= body * _LARGER), reverse=True)
    levels = {size: min(n, _MOST_LEVELS) for n, size in enumerate(larger, start=1)}
    for page, lines in enumerate(pages):
        at = 0
        while at < len(lines):
            level = levels.get(_rounded(lines[at].size))
            if level is None:
                at += 1
                continue
            end = at + 1
            while (
                end < len(lines) and end - at < _MOST_LINES and _goes_on(lines[end - 1], lines[end])
            ):
                end += 1
            text = " ".join(line.text for line in lines[at:end])
            if len(text) <= _MOST_CHARS and _letters(text):
                yield (page, at), Heading(level, text, end - at)
            at = end


def _goes_on(above: Line, below: Line) -> bool:
    is_same_size = _rounded(above.size) == _rounded(below.size)
    return is_same_size and 0 <= above.bottom - below.top < above.size


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()
