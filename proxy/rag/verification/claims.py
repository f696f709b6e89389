"""Finds the sentences of an answer that carry markers, and which markers each carries.

A marker belongs to the sentence it stands in or behind. In a line of its own it belongs to what
stands above: the last sentence, or a block of code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proxy.language.sentences import split_sentences
from proxy.rag.markers import Marker

_FENCE = re.compile(r"[ \t]*(```|~~~)")
_BEGINS_BLOCK = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)]|#{1,6}|>|\|)\s|[ \t]*\|")


@dataclass(frozen=True, slots=True)
class Claim:
    """A cited sentence."""

    start: int
    """Code points from the beginning of the answer; `end` is exclusive."""
    end: int
    text: str
    """Markdown, markers left out."""
    markers: tuple[Marker, ...]

    @property
    def numbers(self) -> list[int]:
        """Return the passages it cites, each once, in order."""
        return list(dict.fromkeys(marker.number for marker in self.markers))


def claims_of(answer: str, markers: Sequence[Marker]) -> list[Claim]:
    """Return the cited sentences in order; `markers` are those of the text, in order."""
    letters = list(answer)
    for marker in markers:
        letters[marker.start : marker.end] = " " * (marker.end - marker.start)
    masked = "".join(letters)
    spans = list(_spans(masked))
    found: dict[tuple[int, int], list[Marker]] = {}
    at = 0
    for marker in markers:
        while at + 1 < len(spans) and spans[at + 1][0] <= marker.start:
            at += 1
        if spans:
            found.setdefault(spans[at], []).append(marker)
    return [
        Claim(start, end, masked[start:end], tuple(carried))
        for (start, end), carried in found.items()
    ]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence, list item, row or block of code stands, white space left out."""
    block_start, at, in_code = 0, 0, False
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            if in_code:
                yield from _trimmed(text, block_start, at + len(line))
                block_start = at + len(line)
            else:
                yield from _sentence_spans(text, block_start, at)
                block_start = at
            in_code = not in_code
        elif not in_code and (not line.strip() or _BEGINS_BLOCK.match(line)):
            yield from _sentence_spans(text, block_start, at)
            block_start = at
        at += len(line)
    yield from (_trimmed if in_code else _sentence_spans)(text, block_start, at)


def _sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for sentence in split_sentences(text[start:end]):
        at = text.index(sentence, at)
        yield at, at + len(sentence)
        at += len(sentence)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if stripped := text[start:end].strip():
        begin = text.index(stripped, start)
        yield begin, begin + len(stripped)
