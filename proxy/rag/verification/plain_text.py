"""A passage's Markdown to the sentences a reader of the page sees, without markup.

Regular expressions instead of a parser: it runs once for every passage that is cited, and what it
takes for prose it need not show to anybody. No expression reads a character more than a few times:
what stops at the next bracket does not search the rest of the text for each of a thousand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from proxy.language.sentences import split_sentences

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^\s*#{1,6}\s+")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_RULE = re.compile(r"^[\s|:\-=*_]*$")
_QUOTE = re.compile(r"^\s*>\s?")
_TARGET = r"\((?:[^()]|\([^()]*+\))*+\)"
_IMAGE = re.compile(rf"!\[([^][]*+)\]{_TARGET}")
_LINK = re.compile(rf"\[([^][]++)\](?:{_TARGET}|\[[^][]*+\])")
_TAG = re.compile(r"</?[A-Za-z][^<>]*+>|<!--[^<>]*+>")
_EMPHASIS = re.compile(r"(?:\*{1,3}|(?<!\w)_{1,3}|~~)(?=\S)|(?<=\S)(?:\*{1,3}|_{1,3}(?!\w)|~~)")
_CODE = re.compile(r"((?<!`)`++[^`]++`++)")
_RUN_TOGETHER = re.compile(r"\.(?=[A-Z][a-z]*,? [a-z])")
"""Where abstracts leave out the space between two sentences, behind a small letter or a bracket."""
_MARKUP = "*_~<"
"""Without any of these, `_EMPHASIS` and `_TAG` find nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, list item, table row or line of code, without markup but backticks."""

    text: str
    is_prose: bool
    """Whether it stands on the page as it stands here, in one run."""


def lines_of(markdown: str) -> list[Line]:
    """Return the lines in reading order."""
    return list(_lines(markdown))


def plain(markdown: str) -> str:
    """Return one run of Markdown without markup but backticks."""
    text = markdown
    if "[" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    if any(mark in text for mark in _MARKUP):
        text = "".join(
            piece if piece.startswith("`") else _EMPHASIS.sub("", _TAG.sub(" ", piece))
            for piece in _CODE.split(text)
        )
    return " ".join(text.split())


def without_item_marker(line: str) -> str:
    """Return a line without what makes it an item of a list: its number says nothing."""
    return _behind(_ITEM, line)


def _lines(markdown: str) -> Iterator[Line]:
    paragraph: list[str] = []
    columns: list[str] = []
    in_code = False
    for raw in [*markdown.split("\n"), ""]:
        if _FENCE.match(raw):
            yield from _sentences(paragraph)
            in_code = not in_code
        elif in_code:
            if raw.strip():
                yield Line(raw.strip(), is_prose=False)
        else:
            line = _behind(_QUOTE, raw)
            begins_block = _HEADING.match(line) or _ITEM.match(line) or line.lstrip()[:1] == "|"
            if begins_block or _RULE.match(line):
                yield from _sentences(paragraph)
            if line.lstrip()[:1] == "|":
                if not _RULE.match(line):
                    cells = [plain(cell) for cell in line.strip().strip("|").split("|")]
                    yield Line(_row(columns, cells), is_prose=False)
                    columns = columns or cells
                continue
            columns = []
            if not _RULE.match(line):
                paragraph.append(_behind(_ITEM, _behind(_HEADING, line)))
    yield from _sentences(paragraph)


def _behind(mark: re.Pattern[str], line: str) -> str:
    """Return what stands behind a mark at the beginning of a line; all of it without the mark."""
    found = mark.match(line)
    return line[found.end() :] if found else line


def _row(columns: list[str], cells: list[str]) -> str:
    """Return a table's row as it is read: each cell with what stands above its column."""
    heads = (head[:1].lower() + head[1:] if head[1:].islower() else head for head in columns)
    named = zip(chain(heads, repeat("")), cells, strict=False)
    return "; ".join(f"{column} {cell}".strip() for column, cell in named if cell)


def _sentences(paragraph: list[str]) -> Iterator[Line]:
    """Yield the sentences of a paragraph and empty it."""
    text = plain(" ".join(paragraph))
    paragraph.clear()
    start = 0
    for mark in _RUN_TOGETHER.finditer(text):
        if mark.start() and (text[mark.start() - 1].islower() or text[mark.start() - 1] in ")]"):
            yield from _split(text[start : mark.end()])
            start = mark.end()
    yield from _split(text[start:])


def _split(text: str) -> Iterator[Line]:
    for sentence in split_sentences(text):
        yield Line(sentence, is_prose=True)
