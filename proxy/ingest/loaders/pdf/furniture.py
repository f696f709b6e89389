"""Running heads, feet and page numbers: what stands on every page and is no text of the book."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from proxy.ingest.loaders.pdf.lines import Line

_EDGE_LINES = 2
"""From the top and from the bottom of a page."""
_LEAST_PAGES = 3
_LEAST_SHARE_OF_PLACE = 0.4
"""Of the pages that have furniture at one height: what else stands there is furniture too."""
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(
    r"(?:page\s+)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:/|of)\s*\d{1,5})?\Z", re.IGNORECASE
)
_LEADER = re.compile(r"(?:\s?\.){4,}\s*(?:\d+|[ivxlc]+)\s*\Z")
"""Dots between a heading and its page, in a table of contents."""

_Key = tuple[str, int]


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page without those that only find one's way."""
    edges = [_edges(lines) for lines in pages]
    seen: Counter[_Key] = Counter()
    for lines in edges:
        seen.update({_key(line) for line in lines})
    furniture = [
        {line for line in lines if _is_furniture(line, seen, len(pages))} for lines in edges
    ]
    heights: Counter[int] = Counter()
    for lines in furniture:
        heights.update({_height(line) for line in lines})
    least = max(_LEAST_PAGES, _LEAST_SHARE_OF_PLACE * len(pages))
    usual = {height for height, count in heights.items() if count >= least}
    return [
        [
            line
            for line in lines
            if line not in known and not (line in edge and _height(line) in usual)
        ]
        if not _is_contents(lines)
        else []
        for lines, known, edge in zip(pages, furniture, edges, strict=True)
    ]


def _edges(lines: Sequence[Line]) -> list[Line]:
    by_height = sorted(lines, key=lambda line: -line.top)
    return [*by_height[:_EDGE_LINES], *by_height[_EDGE_LINES:][-_EDGE_LINES:]]


def _is_furniture(line: Line, seen: Mapping[_Key, int], pages: int) -> bool:
    if pages < _LEAST_PAGES:
        return False
    return seen[_key(line)] >= _LEAST_PAGES or _PAGE_NUMBER.match(line.text) is not None


def _is_contents(lines: Sequence[Line]) -> bool:
    """Tell whether a page is one of a table of contents."""
    leaders = sum(_LEADER.search(line.text) is not None for line in lines)
    return leaders >= _LEAST_PAGES and leaders * 2 >= len(lines)


def _key(line: Line) -> _Key:
    return _DIGITS.sub("#", line.text), _height(line)


def _height(line: Line) -> int:
    return round(line.bottom / 3)
