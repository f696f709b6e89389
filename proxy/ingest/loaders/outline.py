"""From headings and blocks, in reading order, to the sections of a page.

What the loaders of all formats but Markdown build their documents with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.corpus import Section


@dataclass(frozen=True, slots=True)
class _Open:
    level: int
    text: str


class Outline:
    """Collects a page; `sections` is the result.

    `above` is where the page stands in its book: the path of every section begins with it.
    """

    def __init__(self, title: str, *, above: Sequence[str] = ()) -> None:
        self._above = (*above, title)
        self._title = title
        self._open: list[_Open] = []
        self._anchor = ""
        self._anchors: set[str] = set()
        self._blocks: list[str] = []
        self._sections: list[Section] = []
        self._has_heading = False

    def heading(self, level: int, text: str, anchor: str = "") -> None:
        """Begin a section below a heading of `level` (1 is the page's title).

        An anchor leads to the first place that has it. So what stands under the same once more is
        no section of its own, but text of the one before, its heading included.
        """
        if anchor and anchor in self._anchors:
            if text:
                self.block(f"**{text}**")
            return
        self._finish()
        self._has_heading = True
        self._anchors.add(anchor)
        while self._open and self._open[-1].level >= level:
            self._open.pop()
        self._open.append(_Open(level, text))
        self._anchor = anchor

    def place(self, anchor: str) -> None:
        """Go on under the same headings at another place, as at the top of the next page."""
        self._finish()
        self._anchor = anchor

    def block(self, markdown: str) -> None:
        """Add a block of text."""
        if markdown.strip():
            self._blocks.append(markdown)

    def sections(self) -> tuple[Section, ...]:
        """Return all sections; at least one."""
        self._finish(is_last=True)
        return tuple(self._sections)

    def _finish(self, *, is_last: bool = False) -> None:
        text = "\n\n".join(self._blocks).strip("\n")
        self._blocks = []
        if text or self._has_heading or (is_last and not self._sections):
            self._sections.append(Section(self._path(), self._anchor, text))
        self._has_heading = False

    def _path(self) -> tuple[str, ...]:
        shown = [heading.text for heading in self._open if heading.text]
        if shown and shown[0].casefold() == self._title.casefold():
            shown.pop(0)
        return (*self._above, *shown)
