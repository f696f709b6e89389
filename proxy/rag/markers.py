"""Finds `[n]` in text that comes in pieces, and lets through only those that have a passage.

`[1, 3]` becomes `[1][3]`; a number without a passage is left out, with the space before it. Within
code (`a[1]`, fences of ``` or ~~~, indented blocks), in Markdown links (`[1](…)`) and in lists with
a zero (`[0, 1]`) brackets are not markers. What might still become something is held back until the
next piece decides. On the same walk links and images are looked after, see `rag/links.py`; in
indented code too, for a reader of Markdown that takes it for something else would follow them.
"""

import re
import sys
from bisect import bisect_right
from dataclasses import dataclass

from proxy.rag.answer_blocks import AnswerBlocks
from proxy.rag.links import MAX_TARGET_CHARS, LinkTest, disarmed_link, disarmed_tag

_TOKEN = re.compile(r"`+|~+|\n| ?!?\[|\]\(|\]:|<|[ !\]]\Z")
_MARKER = re.compile(r"\[\s{0,3}(\d{1,3}(?:\s{0,3}[,;]\s{0,3}\d{1,3}){0,15})\s{0,3}\](?!\()")
_MAYBE_MARKER = re.compile(r"\[[\d\s,;]{0,160}\]?\Z")
"""Whatever may go on to be a `_MARKER`, whose brackets hold 159 characters at most."""
_NUMBER = re.compile(r"\d+")
_MAX_HELD_CODE = 2_000
"""A code span that has not closed after so many characters is taken for none."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation in the text that went out."""

    number: int
    start: int
    """Code points from the beginning of the text; `end` is exclusive."""
    end: int


def without_markers(text: str) -> str:
    """Return a text without its markers, whatever they number."""
    if "[" not in text:
        return text
    scanner = MarkerScanner(0)
    return scanner.feed(text) + scanner.finish()


class MarkerScanner:
    """Feed the pieces in order, then `finish`; `markers` are those seen so far.

    Args:
        passages: how many there are.
        is_known: decides which links keep their target; None: links and images are left alone.
    """

    def __init__(self, passages: int, is_known: LinkTest | None = None) -> None:
        self.markers: list[Marker] = []
        self._passages = passages
        self._is_known = is_known
        self._held = ""
        self._blocks = AnswerBlocks()
        self._length = 0
        self._shifts: list[tuple[int, int]] = []
        """Places in the text that came, ascending, and how far what follows them has moved."""
        self._last = ""
        """The last character that went out."""

    def feed(self, piece: str) -> str:
        """Return the text that is certain now, maybe none."""
        if self._is_known and "\r" in piece:  # a line's end to some, nothing to others
            piece = piece.replace("\r", "")
        if self._is_plain(piece):
            self._pass(piece)
            return piece
        return self._scan(self._held + piece, is_end=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._scan(self._held, is_end=True)

    def moved(self, position: int) -> int:
        """Return where a place in the text that came stands in the text that went out."""
        at = bisect_right(self._shifts, (position, sys.maxsize)) - 1
        return position + self._shifts[at][1] if at >= 0 else position

    def _is_plain(self, piece: str) -> bool:
        """Whether nothing in `piece` can matter: the common case, kept cheap."""
        return not (
            self._held
            or self._blocks.is_code
            or not piece
            or "[" in piece
            or "`" in piece
            or "~" in piece
            or piece[-1] in " !"
            or (self._is_known and ("]" in piece or "<" in piece))
        )

    def _scan(self, text: str, *, is_end: bool) -> str:
        self._held = ""
        out: list[str] = []
        at = 0
        while (token := _TOKEN.search(text, at)) is not None:
            self._emit(out, text[at : token.start()])
            before = self._length
            end = self._token(text, token, out, is_end=is_end)
            if end is None:
                self._held = text[token.start() :]
                return "".join(out)
            self._note_shift(self._length - before - (end - token.start()))
            at = end
        self._emit(out, text[at:])
        return "".join(out)

    def _note_shift(self, by: int) -> None:
        if by:
            so_far = self._shifts[-1][1] if self._shifts else 0
            self._shifts.append((self._length - so_far - by, so_far + by))

    def _token(
        self, text: str, token: re.Match[str], out: list[str], *, is_end: bool
    ) -> int | None:
        """Handle one token; return where to go on, None to wait for more text."""
        word = token[0]
        if word.strip():
            space = word[: len(word) - len(word.lstrip())]
            self._blocks.before(space)
            self._blocks.settle_line(space, word.lstrip()[0])
        if word[0] in "`~":
            return self._run(text, token, out, is_end=is_end)
        if word == "\n" or (self._blocks.fence and not self._blocks.is_lost):
            self._emit(out, word)
            return token.end()
        if word in {"](", "]:", "<"}:
            return self._link(text, token, out, is_end=is_end)
        if word.endswith("["):
            return self._bracket(text, token, out, is_end=is_end)
        if not is_end:
            return None
        self._emit(out, word)
        return token.end()

    def _run(self, text: str, token: re.Match[str], out: list[str], *, is_end: bool) -> int | None:
        """Handle a run of backticks or tildes, which may open or close code."""
        run, at = token[0], token.end()
        line_end = text.find("\n", at)
        is_open_ended = line_end < 0 and not is_end and len(text) - token.start() < _MAX_HELD_CODE
        rest = text[at : line_end if line_end >= 0 else len(text)]
        if is_open_ended and self._has_to_wait(run, rest):
            return None
        if self._blocks.is_fence(run):
            self._blocks.open_or_close_fence(run, rest)
        elif run[0] == "`" and not self._blocks.fence:
            closing = re.search(rf"(?<!`)`{{{len(run)}}}(?!`)", rest)
            if closing is None or self._last == "\\":
                self._blocks.is_unbalanced = True
            elif not self._blocks.is_unbalanced:
                at += closing.end()
        self._emit(out, text[token.start() : at])
        return at

    def _has_to_wait(self, run: str, rest: str) -> bool:
        """Whether the rest of the line, so far `rest`, may decide what the run is."""
        if not rest:
            return True
        if self._blocks.is_fence(run):
            return run[0] == "`" or bool(self._blocks.fence)
        if run[0] == "~" or self._blocks.fence or self._blocks.is_unbalanced:
            return False
        closing = re.search(rf"(?<!`)`{{{len(run)}}}(?!`)", rest)
        return closing is None or closing.end() == len(rest)

    def _bracket(
        self, text: str, token: re.Match[str], out: list[str], *, is_end: bool
    ) -> int | None:
        at = token.end() - 1
        # An image is loaded without being asked for: it becomes a link.
        word = token[0] if self._is_known is None else token[0].replace("!", "")
        if self._blocks.is_code:
            self._emit(out, word)
            return token.end()
        if not is_end and _MAYBE_MARKER.match(text, at):
            return None
        marker = _MARKER.match(text, at)
        numbers = [int(n) for n in _NUMBER.findall(marker[1])] if marker else []
        # With a zero it is an interval, an index, a list: passages are counted from 1.
        if marker is None or (0 in numbers and len(numbers) > 1):
            self._emit(out, word)
            return token.end()
        known = [n for n in numbers if 1 <= n <= self._passages]
        if known:
            self._emit(out, word[:-1])
        for number in known:
            start = self._length
            self._emit(out, f"[{number}]")
            self.markers.append(Marker(number, start, self._length))
        if known and self._is_known and text.startswith(":", marker.end()):
            self._emit(out, " ")  # `[1]:` would define where the marker leads
        return marker.end()

    def _link(self, text: str, token: re.Match[str], out: list[str], *, is_end: bool) -> int | None:
        """Handle what makes a link, an image or a tag of what stands before or behind it."""
        rest = text[token.end() : token.end() + MAX_TARGET_CHARS]
        if self._is_known is None:
            done = token[0], 0
        elif token[0] == "]:":  # a definition of where links lead; nobody sees it
            done = "] :", 0
        elif token[0] == "<":
            done = disarmed_tag(rest, begins_line=self._blocks.opens_block, is_end=is_end)
        else:
            done = disarmed_link(rest, self._is_known, is_end=is_end)
        if done is None:
            return None
        written, used = done
        self._emit(out, written)
        return token.end() + used

    def _emit(self, out: list[str], text: str) -> None:
        if text:
            out.append(text)
            self._pass(text)

    def _pass(self, text: str) -> None:
        """Keep account of text that goes out."""
        self._length += len(text)
        self._last = text[-1]
        self._blocks.follow(text)
