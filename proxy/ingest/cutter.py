"""Cuts one section's text into pieces of bounded size.

At blocks first, then at list items and table rows, then at sentences, words and characters. Code
stays whole up to `MAX_CODE_TOKENS`: half a listing helps nobody; parts of code are fenced again,
parts of a table get its head again. All other text comes out exactly once and in order.

Pure. Called by `chunker.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from proxy.ingest.blocks import (
    Block,
    close_fences,
    split_blocks,
    split_fence,
    split_items,
    split_sentences,
    split_table,
    split_words,
)

MAX_CODE_TOKENS = 1_500
_SMALL_TOKENS = 40
"""A last piece below this joins the one before it; an introduction below this joins any code."""
_MOST_CHARS_PER_TOKEN = 6
"""Text averages 4 characters a token: what has more than this is cut without counting it whole.
Counting is most of the time that chunking takes."""

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    tokens: int
    stands_alone: bool = False
    is_code: bool = False
    introduces: bool = False
    """It announces what follows and should not be parted from it."""


def cut(text: str, count_tokens: CountTokens, *, target: int, maximum: int) -> list[str]:
    """Return the pieces of `text`, near `target` tokens each, none empty.

    None is larger than `maximum` but code, and that no larger than `MAX_CODE_TOKENS` and a line
    that introduces it; provided that the parts of a text have no fewer tokens than the whole.
    """
    closed = _trimmed(close_fences(text))
    return _Cutter(count_tokens, target=target, maximum=maximum).texts(closed) if closed else []


class _Cutter:
    """Cuts one section's text."""

    def __init__(self, count_tokens: CountTokens, *, target: int, maximum: int) -> None:
        self._count = count_tokens
        self._target = target
        self._maximum = maximum

    def texts(self, text: str) -> list[str]:
        """Return the texts of the chunks, in order."""
        if self._fits(text):
            return [text]
        pieces = [piece for block in split_blocks(text) for piece in self._pieces(block)]
        groups = self._packed(pieces)
        texts = (_trimmed("".join(piece.text for piece in group)) for group in groups)
        return [text for text in texts if text]

    def _fits(self, text: str) -> bool:
        """Tell whether `text` is one piece, without counting where its length says enough."""
        if len(text) > _MOST_CHARS_PER_TOKEN * self._maximum:
            return False
        is_surely_short = len(text) <= self._maximum and text.isascii()
        return is_surely_short or self._count(text) <= self._maximum

    def _pieces(self, block: Block) -> Iterator[_Piece]:
        """Yield a block, whole where it fits, else what it is cut into."""
        if block.kind == "fence":
            yield from self._code(block.text)
            return
        tokens = self._count(block.text)
        if tokens <= self._maximum:
            yield _Piece(block.text, tokens, introduces=_introduces(block))
        elif block.kind == "table":
            yield from self._table(block.text)
        elif block.kind == "list":
            for item in split_items(block.text):
                yield from self._item(item)
        else:
            yield from self._prose(block.text)

    def _item(self, item: str) -> Iterator[_Piece]:
        tokens = self._count(item)
        if tokens <= self._maximum:
            yield _Piece(item, tokens)
            return
        for block in split_blocks(item, in_item=True):
            yield from self._pieces(block)

    def _prose(self, text: str) -> Iterator[_Piece]:
        for sentence in split_sentences(text):
            tokens = self._count(sentence)
            if tokens <= self._maximum:
                yield _Piece(sentence, tokens)
            else:
                yield from self._words(sentence)

    def _words(self, text: str) -> Iterator[_Piece]:
        """Yield words, and what is longer than a chunk (base64, a script without spaces) halved."""
        for word in split_words(text):
            yield from self._halved(word)

    def _halved(self, word: str) -> Iterator[_Piece]:
        tokens = self._count(word)
        if tokens <= self._maximum or len(word) == 1:
            yield _Piece(word, tokens)
            return
        middle = len(word) // 2
        yield from self._halved(word[:middle])
        yield from self._halved(word[middle:])

    def _table(self, text: str) -> Iterator[_Piece]:
        """Yield parts of a table, each below the table's head."""
        head, rows = split_table(text)
        room = self._maximum - self._count(head)
        fitting: list[str] = []
        used = 0
        for row in rows:
            tokens = self._count(row)
            if fitting and used + tokens > room:
                yield _Piece(head + "".join(fitting), self._maximum, stands_alone=True)
                fitting, used = [], 0
            if tokens > room:
                yield from self._prose(row)
            else:
                fitting.append(row)
                used += tokens
        if fitting:
            yield _Piece(head + "".join(fitting), self._maximum, stands_alone=True)

    def _code(self, text: str) -> Iterator[_Piece]:
        """Yield a code block, whole unless it is far too large, each part fenced."""
        tokens = self._count(text)
        if tokens <= MAX_CODE_TOKENS:
            yield _Piece(text, tokens, stands_alone=tokens > self._maximum, is_code=True)
            return
        opening, lines, closing = split_fence(text)
        room = max(MAX_CODE_TOKENS - self._count(opening + closing), 1)
        again = _without_marker(opening)
        for number, part in enumerate(self._code_parts(lines, room)):
            first = again if number else opening
            fenced = f"{first}{_closed(part)}{closing}"
            yield _Piece(fenced, MAX_CODE_TOKENS, stands_alone=True, is_code=True)

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


def _introduces(block: Block) -> bool:
    text = block.text.rstrip()
    is_bold_line = text.startswith("**") and text.endswith("**") and "\n" not in text
    return block.kind == "paragraph" and (text.endswith(":") or is_bold_line)


def _closed(code: str) -> str:
    return code if not code or code.endswith("\n") else code + "\n"


def _without_marker(opening: str) -> str:
    """Return the opening line for a later part; a list marker would begin another item."""
    marks = opening.index("`") if "`" in opening else opening.index("~")
    return "".join(c if c in "> \t" else " " for c in opening[:marks]) + opening[marks:]


def _trimmed(text: str) -> str:
    """Return `text` without blank lines around it; the indentation of its first line matters."""
    return text.strip("\n").rstrip() if text.strip() else ""
