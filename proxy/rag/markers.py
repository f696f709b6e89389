"""Finds `[n]` in text that comes in pieces, and lets through only those that have a passage.

`[1, 3]` becomes `[1][3]`; a number without a passage is left out, with the space before it. Within
code (`a[1]`, fences of ``` or ~~~), in Markdown links (`[1](…)`) and in lists with a zero
(`[0, 1]`) brackets are not markers. What might still become a marker is held back until the next
piece decides.
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"`+|~+|\n| ?\[| \Z")
_MARKER = re.compile(r"\[\s{0,3}(\d{1,3}(?:\s{0,3}[,;]\s{0,3}\d{1,3}){0,15})\s{0,3}\](?!\()")
_MAYBE_MARKER = re.compile(r"\[[\d\s,;]{0,160}\]?\Z")
"""Whatever may go on to be a `_MARKER`, whose brackets hold 159 characters at most."""
_NUMBER = re.compile(r"\d+")
_FENCE_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation in the text that went out."""

    number: int
    start: int
    """Code points from the beginning of the text; `end` is exclusive."""
    end: int


class MarkerScanner:
    """Feed the pieces in order, then `finish`; `markers` are those seen so far."""

    def __init__(self, passages: int) -> None:
        self.markers: list[Marker] = []
        self._passages = passages
        self._held = ""
        self._fence = ""
        """The run that opened the fence we are in, which ends with such a run on a line's start."""
        self._inline = 0
        """Length of the run of backticks that opened the code span we are in; it ends its line."""
        self._run = ""
        """The run of backticks or tildes that the text ends with, so far."""
        self._run_begins_line = False
        self._begins_line = True
        self._length = 0

    def feed(self, piece: str) -> str:
        """Return the text that is certain now, maybe none."""
        if self._is_plain(piece):
            self._length += len(piece)
            self._begins_line = piece.endswith("\n")
            return piece
        return self._scan(self._held + piece, is_end=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._scan(self._held, is_end=True)

    def _is_plain(self, piece: str) -> bool:
        """Whether nothing in `piece` can matter: the common case, kept cheap."""
        return not (
            self._held
            or self._fence
            or self._inline
            or self._run
            or not piece
            or "[" in piece
            or "`" in piece
            or "~" in piece
            or piece.endswith(" ")
        )

    def _scan(self, text: str, *, is_end: bool) -> str:
        self._held = ""
        out: list[str] = []
        at = 0
        while (token := _TOKEN.search(text, at)) is not None:
            self._emit(out, text[at : token.start()])
            end = self._token(text, token, out, is_end=is_end)
            if end is None:
                self._held = text[token.start() :]
                return "".join(out)
            at = end
        self._emit(out, text[at:])
        return "".join(out)

    def _token(
        self, text: str, token: re.Match[str], out: list[str], *, is_end: bool
    ) -> int | None:
        """Handle one token; return where to go on, None to wait for more text."""
        word = token[0]
        if word[0] in "`~" and word[0] in (self._run[:1] or word[0]):
            if not self._run:
                self._run_begins_line = self._begins_line
            self._run += word
            self._begins_line = False
            out.append(word)
            self._length += len(word)
            return token.end()
        self._end_run()
        if word[0] in "`~":
            return self._token(text, token, out, is_end=is_end)
        if not self._fence and not self._inline:
            if word.endswith("["):
                return self._bracket(text, token, out, is_end=is_end)
            if word == " " and not is_end:
                return None
        elif word == "\n":
            self._inline = 0
        self._emit(out, word)
        return token.end()

    def _end_run(self) -> None:
        """Let a run of backticks or tildes that has come to its end open or close code."""
        run, self._run = self._run, ""
        if not run:
            return
        is_fence = self._run_begins_line and len(run) >= _FENCE_LENGTH
        if self._fence:
            if is_fence and run.startswith(self._fence):
                self._fence = ""
        elif self._inline:
            if run[0] == "`" and len(run) == self._inline:
                self._inline = 0
        elif is_fence:
            self._fence = run
        elif run[0] == "`":
            self._inline = len(run)

    def _bracket(
        self, text: str, token: re.Match[str], out: list[str], *, is_end: bool
    ) -> int | None:
        at = token.end() - 1
        if not is_end and _MAYBE_MARKER.match(text, at):
            return None
        marker = _MARKER.match(text, at)
        if marker is None:
            self._emit(out, token[0])
            return token.end()
        numbers = [int(n) for n in _NUMBER.findall(marker[1])]
        if (
            0 in numbers and len(numbers) > 1
        ):  # an interval, an index, a list: passages are counted from 1
            self._emit(out, token[0])
            return token.end()
        known = [n for n in numbers if 1 <= n <= self._passages]
        if known:
            self._emit(out, token[0][:-1])
        for number in known:
            start = self._length
            self._emit(out, f"[{number}]")
            self.markers.append(Marker(number, start, self._length))
        return marker.end()

    def _emit(self, out: list[str], text: str) -> None:
        if text:
            self._end_run()
            out.append(text)
            self._length += len(text)
            line = text.rpartition("\n")
            self._begins_line = (self._begins_line or bool(line[1])) and not line[2].strip()
