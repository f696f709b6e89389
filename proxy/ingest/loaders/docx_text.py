"""What a Word document's XML holds, in order: paragraphs, tables, and what is written in them.

python-docx shows what stands right below the body, a cell or a paragraph. Text is as often in a
content control, a field, an insertion that nobody accepted yet, a formula or a box beside it.

Source: ECMA-376, part 1, §17 (WordprocessingML) and §22.1 (mathematics).
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from proxy.ingest.loaders.base import UnreadableSource

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RUN, _BOX = f"{_W}r", f"{_W}txbxContent"
_BLOCKS = frozenset((f"{_W}p", f"{_W}tbl"))
_NOT_SHOWN = frozenset((f"{_W}del", f"{_W}moveFrom", _FALLBACK))
"""Deletions, and what a program shows that does not know the newer form beside it."""
_FOOTNOTES: Final = "/footnotes"
_LIST_OF_PAGES = re.compile(r"toc(?: heading|\s*\d)|table of figures", re.IGNORECASE)
_HEADING = re.compile(r"heading\s*([1-9])\Z", re.IGNORECASE)
_RAISED = re.compile(r"[-+\u2212]?\d+\Z")
_OUTLINE_LEVELS: Final = frozenset("012345678")
"""Counted from 0; 9 is the level of what is no heading."""
_MOST_STYLES: Final = 20
"""Based on each other; in a damaged document they run in a circle."""


def blocks_of(element: Any) -> Iterator[Any]:
    """Yield the elements of paragraphs and tables in `element`, those of tables left out."""
    yield from _first_of(element, _BLOCKS)


def paragraphs_of(cell: Any) -> Iterator[Any]:
    """Yield the elements of all paragraphs in `cell`, those of boxes and tables in it too."""
    for paragraph in cell.iter(f"{_W}p"):
        if next(paragraph.iterancestors(_FALLBACK), None) is None:
            yield paragraph


def boxes_of(paragraph: Any) -> Iterator[Any]:
    """Yield the elements that hold the text of boxes which a paragraph is the anchor of."""
    for run in _first_of(paragraph, {_RUN}):
        yield from _first_of(run, {_BOX})


def runs_of(paragraph: Any) -> Iterator[Any]:
    """Yield the elements of a paragraph's runs, and of the signs of its formulas."""
    yield from _first_of(paragraph, {_RUN, _MATH_TEXT})


def is_formula(element: Any) -> bool:
    """Tell whether `element` is a part of a formula, and its text all there is to it."""
    return element.tag == _MATH_TEXT


def _first_of(element: Any, wanted: frozenset[str] | set[str]) -> Iterator[Any]:
    """Yield the outermost descendants with one of these tags, in order."""
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag not in _NOT_SHOWN and (child.tag != _BOX or _BOX in wanted):
            yield from _first_of(child, wanted)


def level_of(style: Any) -> int:
    """Return the level of a heading in this style or one that it is based on, 0 for other text."""
    for _ in range(_MOST_STYLES):
        if style is None:
            break
        name = style.name or ""
        if name == "Title":
            return 1
        if match := _HEADING.match(name):
            return int(match[1])
        for level in style.element.xpath("./w:pPr/w:outlineLvl/@w:val"):
            return int(level) + 1 if level in _OUTLINE_LEVELS else 0
        style = style.base_style
    return 0


def is_list_of_pages(style: str) -> bool:
    """Tell whether a paragraph in this style only says on which page something stands."""
    return _LIST_OF_PAGES.match(style) is not None


def is_raised(text: str, before: str) -> bool:
    """Tell whether superscript is an exponent: without a mark, 10 to the 6th would become 106."""
    return (before.isalnum() or before == ")") and _RAISED.match(text.rstrip()) is not None


def footnotes_of(document: Any) -> dict[str, str]:
    """Return the text of footnotes by id.

    Raises:
        UnreadableSource: they are no XML.
    """
    etree: Any = import_module("lxml.etree")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    found: dict[str, str] = {}
    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(_FOOTNOTES):
            continue
        try:
            notes = etree.fromstring(relation.target_part.blob, parser)
        except etree.XMLSyntaxError as exc:
            raise UnreadableSource("its footnotes are damaged") from exc
        for note in notes.iter(f"{_W}footnote"):
            paragraphs = (
                "".join(part.text or "" for part in one.iter(f"{_W}t"))
                for one in note.iter(f"{_W}p")
            )
            text = " ".join(" ".join(paragraphs).split())
            if text:
                found[note.get(f"{_W}id", "")] = text
    return found


def noted_in(run: Any) -> Iterator[str]:
    """Yield the ids of the footnotes that a run refers to."""
    for reference in run.iter(f"{_W}footnoteReference"):
        yield reference.get(f"{_W}id", "")
