"""Lines to paragraphs, list items and code, over the edges of columns and pages."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from proxy.ingest.loaders.pdf.lines import Line

_ITEM = re.compile(r"(?P<bullet>[•◦▪‣∙●○■□–*-])\s+|(?P<number>\(?\d{1,3}[.)])\s+")
_HYPHENS = ("-", "\u00ad", "\u2010")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;][\"'”’)\]]*\Z")


@dataclass(slots=True)
class Block:
    """A paragraph, an item or a listing."""

    page: int
    """Where it begins."""
    lines: list[Line] = field(default_factory=list[Line])
    is_code: bool = False

    def markdown(self, words: Collection[str]) -> str:
        """Return the block's text; `words` are those that the book has in the middle of lines."""
        if self.is_code:
            return _listing(self.lines)
        text = ""
        for line in self.lines:
            text = _continued(text, line.text, words) if text else line.text
        text = text.replace("\u00ad", "")
        item = _ITEM.match(text)
        if item and item["bullet"]:
            return f"- {text[item.end() :]}"
        return text


def words_of(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the words, hyphenated ones too, that stand whole on a line."""
    found: set[str] = set()
    for lines in pages:
        for line in lines:
            found.update(_WORD.findall(line.text.lower()))
    return frozenset(found)


def leading_of(pages: Sequence[Sequence[Line]]) -> float:
    """Return the usual distance from one line to the next, in points."""
    steps = [
        above.top - below.top
        for lines in pages
        for above, below in pairwise(lines)
        if 0 < above.top - below.top < 4 * max(above.size, 1)
    ]
    return median(steps) if steps else 12.0


def blocks_of(lines: Sequence[Line], leading: float) -> list[Block]:
    """Return the blocks that lines between two headings make."""
    blocks: list[Block] = []
    before: Line | None = None
    for line in lines:
        if before is None or _begins(before, line, leading):
            blocks.append(Block(line.page, is_code=line.is_mono))
        blocks[-1].lines.append(line)
        before = line
    return blocks


def _begins(before: Line, line: Line, leading: float) -> bool:
    """Tell whether `line` begins a block after `before`."""
    if before.is_mono != line.is_mono:
        return True
    is_near = before.page == line.page and before.top - line.top > 0
    if line.is_mono:
        return is_near and before.top - line.top > 2.5 * leading
    if _ITEM.match(line.text):
        return True
    if is_near:
        if before.top - line.top > 1.35 * max(leading, before.size):
            return True
        is_indented = line.left - line.column_left > 0.8 * line.size
        was_indented = before.left - before.column_left > 0.8 * line.size
        return is_indented and not was_indented and bool(_SENTENCE_END.search(before.text))
    # At the top of a column or page a paragraph goes on, unless the last one had come to its end.
    is_open = before.text.endswith(_HYPHENS) or line.text[:1].islower()
    return not is_open and bool(_SENTENCE_END.search(before.text))


def _continued(text: str, line: str, words: Collection[str]) -> str:
    """Return `text` with the next line behind it; a word that was parted is made whole."""
    if not text.endswith(_HYPHENS) or not line[:1].isalpha():
        return f"{text} {line}"
    parts = (_WORD.findall(text[:-1])[-1:], _WORD.findall(line)[:1])
    if not parts[0] or not parts[1]:
        return f"{text} {line}"
    first, second = parts[0][0].lower(), parts[1][0].lower()
    is_compound = f"{first}-{second}" in words and first + second not in words
    if is_compound or "-" in first or not line[:1].islower():
        return f"{text[:-1]}-{line}"
    return text[:-1] + line


def _listing(lines: Sequence[Line]) -> str:
    left = min(line.left for line in lines)
    width = median((line.right - line.left) / max(len(line.text), 1) for line in lines) or 1.0
    shown = [" " * min(round((line.left - left) / width), 80) + line.text for line in lines]
    fence = "````" if any("```" in line for line in shown) else "```"
    return "\n".join((fence, *(line.replace("\u00ad", "-") for line in shown), fence))
