"""What of a page has been taken over so far, by `mdx.py`; blank lines are tidied on the way."""

import re

from proxy.ingest.loaders.tags import BARE_LINE

_REST_OF_LINE = re.compile(r"[^\S\n]*(?:\n|\Z)")
_DATA_URL = re.compile(r"(data:[\w.+-]+/[\w.+-]+)(?:;[\w.=-]+)*,[\w+/=%.,:-]{200,}")
"""A picture's bytes, as a link or the definition of one."""
_MOST_HEAD_CHARS = 1_000
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}|\n[ \t]+(?=\n)")


class CleanedText:
    """Takes pieces of a source text over, in order, and leaves others out."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._done: list[str] = []
        """Finished text."""
        self._prose: list[str] = []
        """Text since the last code block, blank lines not yet tidied."""
        self._copied = 0
        """Everything before this index was taken over or dropped."""
        self._head = ""
        """What the output's line begins with."""
        self._read = 0
        """Everything before this index has been looked at for it."""

    def copy(self, end: int) -> None:
        """Take over the source up to `end`."""
        if end > self._copied:
            self._prose.append(self._text[self._copied : end])
            self._copied = end

    def drop(self, start: int, end: int, replacement: str = "") -> int:
        """Leave out the source from `start` to `end`, for `replacement`; return `end`."""
        self.line_so_far(start)
        self.copy(start)
        self._copied = self._read = end
        if replacement:
            self._prose.append(replacement)
            self._extend_head(replacement)
        return end

    def verbatim(self, start: int, end: int) -> int:
        """Take over the source from `start` to `end` as it is, blank lines too; return `end`."""
        return self.put(start, end, self._text[start:end])

    def put(self, start: int, end: int, finished: str) -> int:
        """Put `finished` in the place of the source from `start` to `end`; return `end`."""
        self.copy(start)
        self._tidy()
        self._done.append(finished)
        self._copied = self._read = end
        self._head = ""
        return end

    def finish(self) -> str:
        """Take over the rest and return all."""
        self.copy(len(self._text))
        self._tidy()
        return "".join(self._done)

    def line_so_far(self, start: int) -> str:
        """Return what the output's line holds already, before the source at `start`.

        Of a long line no more than its beginning. Goes forward only: a text is looked at once.
        """
        if start > self._read:
            self._extend_head(self._text[self._read : start])
            self._read = start
        return self._head

    def is_line_bare(self, start: int) -> bool:
        """Tell whether the output's line says nothing yet."""
        return BARE_LINE.match(self.line_so_far(start)) is not None

    def is_line_done(self, end: int) -> bool:
        """Tell whether nothing follows on the source's line."""
        return _REST_OF_LINE.match(self._text, end) is not None

    def _extend_head(self, piece: str) -> None:
        at = piece.rfind("\n") + 1
        head = piece[at:] if at else self._head + piece
        self._head = head[:_MOST_HEAD_CHARS]

    def _tidy(self) -> None:
        """Finish the prose so far; lines that only held tags are blank now, and one is enough."""
        if self._prose:
            prose = "".join(self._prose)
            if "data:" in prose:
                prose = _DATA_URL.sub(r"\1", prose)
            self._done.append(_BLANK_LINES.sub(_one_blank, prose))
            self._prose.clear()


def _one_blank(match: re.Match[str]) -> str:
    return "\n" if match[0].count("\n") == 1 else "\n\n"
