"""Cuts one section's text into pieces of bounded size.

At blocks first, then at list items and table rows, then at sentences, words and characters. Code
stays whole up to `MAX_CODE_TOKENS`: half a listing helps nobody; parts of code are fenced again,
parts of a table get its head again. All other text comes out exactly once and in order.

Pure. Called by `chunker.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from proxy.ingest.blocks import (
    Block,
    close_fences,
    introduces,
    split_blocks,
    split_fence,
    split_items,
    split_sentences,
    split_table,
    split_words,
    without_marker,
)

MAX_CODE_TOKENS = 1_500
_SMALL_TOKENS = 40
"""A last piece below this joins the one before it; an introduction below this joins any code."""
_WORDS_AT_ONCE = 8
"""Of a sentence that is too long: a file of one such sentence has two million words."""
_MOST_CHARS_PER_TOKEN = 6
"""Text averages 4 characters a token: what has more than this is cut without counting it whole.
Counting is most of the time that chunking takes."""

CountTokens = Callable[[str], int]
SliceT = TypeVar("SliceT", str, Block)


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a text, and the place it was cut from."""

    text: str
    start: int
    """Where it begins, in characters of the text that was cut."""
    end: int
    """Behind its last character there. What stands between is the piece, but for what makes it
    whole: the fence around a part of a listing, the head above later rows of a table."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int
    tokens: int
    stands_alone: bool = False
    is_code: bool = False
    introduces: bool = False
    """It announces what follows and should not be parted from it."""


def cut(text: str, count_tokens: CountTokens, *, target: int, maximum: int) -> list[Cut]:
    """Return the pieces of `text` in order, near `target` tokens each, none empty.

    None is larger than `maximum` but code, and that no larger than `MAX_CODE_TOKENS` and a line
    that introduces it; provided that the parts of a text have no fewer tokens than the whole.
    """
    return _Cutter(count_tokens, target=target, maximum=maximum).cuts(text) if text.strip() else []


class _Cutter:
    """Cuts one section's text."""

    def __init__(self, count_tokens: CountTokens, *, target: int, maximum: int) -> None:
        self._count = count_tokens
        self._target = target
        self._maximum = maximum

    def cuts(self, text: str) -> list[Cut]:
        """Return the texts of the chunks, in order."""
        whole = _trimmed(close_fences(text))
        if self._fits(whole):
            return [Cut(whole, *_bounds(text, 0, len(text)))]
        pieces = [
            piece
            for block, at in _placed(split_blocks(text), 0)
            for piece in self._pieces(block, at)
        ]
        return [
            Cut(joined, *_bounds(text, group[0].start, group[-1].end))
            for group in self._packed(pieces)
            if (joined := _trimmed("".join(piece.text for piece in group)))
        ]

    def _fits(self, text: str) -> bool:
        """Tell whether `text` is one piece, without counting where its length says enough."""
        if len(text) > _MOST_CHARS_PER_TOKEN * self._maximum:
            return False
        is_surely_short = len(text) <= self._maximum and text.isascii()
        return is_surely_short or self._count(text) <= self._maximum

    def _pieces(self, block: Block, at: int) -> Iterator[_Piece]:
        """Yield a block that begins at `at`, whole where it fits, else what it is cut into."""
        if block.kind == "fence":
            yield from self._code(block.text, at)
            return
        piece = self._piece(block.text, at, introduces=introduces(block))
        if piece.tokens <= self._maximum:
            yield piece
        elif block.kind == "table":
            yield from self._table(block.text, at)
        elif block.kind == "list":
            for item, place in _placed(split_items(block.text), at):
                yield from self._item(item, place)
        else:
            yield from self._prose(block.text, at)

    def _piece(self, text: str, at: int, *, introduces: bool = False) -> _Piece:
        closed = close_fences(text)
        return _Piece(closed, at, at + len(text), self._count(closed), introduces=introduces)

    def _item(self, item: str, at: int) -> Iterator[_Piece]:
        piece = self._piece(item, at)
        if piece.tokens <= self._maximum:
            yield piece
            return
        for block, place in _placed(split_blocks(item, in_item=True), at):
            yield from self._pieces(block, place)

    def _prose(self, text: str, at: int) -> Iterator[_Piece]:
        for sentence, place in _placed(split_sentences(text), at):
            tokens = self._count(sentence)
            if tokens <= self._maximum:
                yield _Piece(sentence, place, place + len(sentence), tokens)
                continue
            for words, words_place in _placed(split_words(sentence, _WORDS_AT_ONCE), place):
                yield from self._words(words, words_place)

    def _words(self, text: str, at: int) -> Iterator[_Piece]:
        """Yield a few words as one piece where they fit, else each of its own."""
        tokens = self._count(text)
        if tokens <= self._maximum:
            yield _Piece(text, at, at + len(text), tokens)
            return
        for word, place in _placed(split_words(text), at):
            yield from self._halved(word, place)

    def _halved(self, word: str, at: int) -> Iterator[_Piece]:
        """Yield a word, halved where it is longer than a chunk (base64, no spaces between)."""
        tokens = self._count(word)
        if tokens <= self._maximum or len(word) == 1:
            yield _Piece(word, at, at + len(word), tokens)
            return
        middle = len(word) // 2
        yield from self._halved(word[:middle], at)
        yield from self._halved(word[middle:], at + middle)

    def _table(self, text: str, at: int) -> Iterator[_Piece]:
        """Yield parts of a table, each below the table's head."""
        head, rows = split_table(text)
        head_tokens = self._count(head)
        room = self._maximum - head_tokens
        if room < head_tokens:  # repeated above every few rows, it would be most of the book
            yield from self._prose(text, at)
            return

        def above_rows() -> _Piece:
            text = head + "".join(fitting)
            return _Piece(text, start, end, self._maximum, stands_alone=True)

        fitting: list[str] = []
        used = 0
        start, end = at, at + len(head)
        for row in rows:
            tokens = self._count(row)
            if fitting and used + tokens > room:
                yield above_rows()
                fitting, used, start = [], 0, end
            if tokens <= room:
                fitting.append(row)
                used += tokens
                end += len(row)
                continue
            if start == at:
                yield _Piece(head, at, end, head_tokens, introduces=True)
            yield from self._prose(row, end)
            start = end = end + len(row)
        if fitting:
            yield above_rows()

    def _code(self, text: str, at: int) -> Iterator[_Piece]:
        """Yield a code block, whole unless it is far too large, each part fenced."""
        whole, end = self._piece(text, at), at + len(text)
        if whole.tokens <= MAX_CODE_TOKENS:
            is_large = whole.tokens > self._maximum
            yield replace(whole, stands_alone=is_large, is_code=True)
            return
        opening, lines, closing = split_fence(text)
        fence_tokens = self._count(opening + closing)
        if fence_tokens > self._maximum:  # repeated around every part, it would be most of the book
            yield from self._prose(text, at)
            return
        parts = list(self._code_parts(lines, MAX_CODE_TOKENS - fence_tokens))
        start, again = at, without_marker(opening)
        for number, part in enumerate(parts, 1):
            line_end = "\n" if part and not part.endswith("\n") else ""
            fenced = f"{again if number > 1 else opening}{part}{line_end}{closing}"
            stop = start + len(part) + (len(opening) if number == 1 else 0)
            stop = end if number == len(parts) else stop
            yield _Piece(fenced, start, stop, MAX_CODE_TOKENS, stands_alone=True, is_code=True)
            start = stop

    def _code_parts(self, lines: Sequence[str], room: int) -> Iterator[str]:
        part: list[str] = []
        used = 0
        for line in lines:
            pieces = [line] if self._count(line) <= room else self._line_parts(line, room)
            for piece in pieces:
                tokens = self._count(piece)
                if part and used + tokens > room:
                    yield "".join(part)
                    part, used = [], 0
                part.append(piece)
                used += tokens
        if part:
            yield "".join(part)

    def _line_parts(self, line: str, room: int) -> list[str]:
        if len(line) == 1 or self._count(line) <= room:
            return [line]
        middle = len(line) // 2
        return self._line_parts(line[:middle], room) + self._line_parts(line[middle:], room)

    def _packed(self, pieces: Sequence[_Piece]) -> list[list[_Piece]]:
        """Return runs of neighbouring pieces near the target size; order is kept."""
        groups: list[list[_Piece]] = []
        group: list[_Piece] = []
        used = 0
        for piece in pieces:
            if group and (piece.stands_alone or used + piece.tokens > self._target):
                group, used = self._next_group(groups, group, piece)
            group.append(piece)
            used += piece.tokens
            if piece.stands_alone:
                groups.append(group)
                group, used = [], 0
        if group:
            groups.append(group)
        self._join_small_end(groups)
        return groups

    def _next_group(
        self, groups: list[list[_Piece]], group: list[_Piece], piece: _Piece
    ) -> tuple[list[_Piece], int]:
        """Close `group`; what introduces `piece` goes along with it where both fit.

        A short line goes along with a large code block too: it says what the code is about, and
        on its own would be found and say nothing.
        """
        start = len(group)
        while start and group[start - 1].introduces:
            start -= 1
        lead, before = group[start:], group[:start]
        tokens = sum(line.tokens for line in lead)
        fits = tokens + piece.tokens <= self._maximum
        if lead and (fits or (piece.is_code and tokens < _SMALL_TOKENS)):
            if before:
                groups.append(before)
            return lead, tokens
        groups.append(group)
        return [], 0

    def _join_small_end(self, groups: list[list[_Piece]]) -> None:
        if len(groups) < 2:
            return
        before, end = groups[-2:]
        total = sum(piece.tokens for piece in (*before, *end))
        if sum(piece.tokens for piece in end) < _SMALL_TOKENS and total <= self._maximum:
            groups[-2:] = [before + end]


def _placed(slices: Sequence[SliceT], at: int) -> Iterator[tuple[SliceT, int]]:
    """Yield the slices of what begins at `at`, each with where it begins."""
    for piece in slices:
        yield piece, at
        at += len(piece)


def _trimmed(text: str) -> str:
    """Return `text` without blank lines around it; the indentation of its first line matters."""
    return text.strip("\n").rstrip() if text.strip() else ""


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a piece of `text` begins and ends once it is `_trimmed`."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip("\n")), start + len(piece.rstrip())
