"""What of a page has been taken over so far, by `mdx.py`; blank lines are tidied on the way."""

import re

from proxy.ingest.loaders.tags import BARE_LINE

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

    def copy(self, end: int) -> None:
        """Take over the source up to `end`."""
        if end > self._copied:
            self._prose.append(self._text[self._copied : end])
            self._copied = end

    def drop(self, start: int, end: int, replacement: str = "") -> int:
        """Leave out the source from `start` to `end`, for `replacement`; return `end`."""
        self.copy(start)
        self._copied = end
        if replacement:
            self._prose.append(replacement)
        return end

    def verbatim(self, start: int, end: int) -> int:
        """Take over the source from `start` to `end` as it is, blank lines too; return `end`."""
        return self.put(start, end, self._text[start:end])

    def put(self, start: int, end: int, finished: str) -> int:
        """Put `finished` in the place of the source from `start` to `end`; return `end`."""
        self.copy(start)
        self._tidy()
        self._done.append(finished)
        self._copied = end
        return end

    def finish(self) -> str:
        """Take over the rest and return all."""
        self.copy(len(self._text))
        self._tidy()
        return "".join(self._done)

    def line_so_far(self, start: int) -> str:
        """Return what the output's line holds already, before the source at `start`."""
        pending = self._text[self._copied : start]
        line = pending[pending.rfind("\n") + 1 :]
        if "\n" in pending:
            return line
        for piece in reversed(self._prose):
            line = piece[piece.rfind("\n") + 1 :] + line
            if "\n" in piece:
                break
        return line

    def is_line_bare(self, start: int) -> bool:
        """Tell whether the output's line says nothing yet."""
        return BARE_LINE.match(self.line_so_far(start)) is not None

    def is_line_done(self, end: int) -> bool:
        """Tell whether nothing follows on the source's line."""
        line_end = self._text.find("\n", end)
        return not self._text[end : line_end if line_end >= 0 else None].strip()

    def _tidy(self) -> None:
        """Finish the prose so far; lines that only held tags are blank now, and one is enough."""
        if self._prose:
            self._done.append(_BLANK_LINES.sub(_one_blank, "".join(self._prose)))
            self._prose.clear()


def _one_blank(match: re.Match[str]) -> str:
    return "\n" if match[0].count("\n") == 1 else "\n\n"
