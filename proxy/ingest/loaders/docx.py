"""Word documents: headings by their style, lists, tables, code by its style or font."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any

from proxy.corpus import Document
from proxy.ingest.loaders.archive import ArchiveError, check_archive
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.docx_text import (
    blocks_of,
    boxes_of,
    footnotes_of,
    is_formula,
    is_list_of_pages,
    is_raised,
    level_of,
    noted_in,
    paragraphs_of,
    runs_of,
)
from proxy.ingest.loaders.outline import Outline
from proxy.ingest.loaders.slugs import Slugger

_MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""The library unpacks all of a file into memory."""
_CODE = re.compile(r"code|preformatted|source|listing|verbatim", re.IGNORECASE)


def load(source: Source) -> Document | Skipped:
    """Return the text of a Word document.

    Raises:
        UnreadableSource: no such document, a damaged one, or a bomb.
    """
    document = _opened(source.data)
    named = " ".join((document.core_properties.title or "").split())
    reader = _Reader(Slugger())
    blocks = list(reader.blocks(document))
    first = next((text for level, text, _ in reader.headings if level == 1), "")
    title = first or named or PurePosixPath(source.document_id).stem
    outline = Outline(title)
    for block in blocks:
        if isinstance(block, str):
            outline.block(block)
        else:
            outline.heading(*block)
    sections = outline.sections()
    if not any(section.markdown for section in sections):
        return Skipped("no text")
    route = f"/{source.document_id}"
    return Document(source.document_id, title, route, sections, hidden=tuple(reader.hidden))


def _opened(data: bytes) -> Any:
    file = io.BytesIO(data)
    docx: Any = import_module("docx")  # which takes 80 ms, and only a Word document needs it
    etree: Any = import_module("lxml.etree")
    try:
        check_archive(file, "[Content_Types].xml", _MAX_UNPACKED_BYTES)
        return docx.Document(file)
    except ArchiveError as exc:
        raise UnreadableSource(f"is no Word document: it {exc}") from exc
    except (
        docx.opc.exceptions.OpcError,
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
    ) as exc:
        raise UnreadableSource("is no Word document, or a damaged one") from exc


_Heading = tuple[int, str, str]
"""Level, text, anchor."""


@dataclass(slots=True)
class _Reader:
    """Reads the paragraphs and tables of a document in order."""

    slugger: Slugger
    headings: list[_Heading] = field(default_factory=list[_Heading])
    hidden: list[str] = field(default_factory=list[str])
    _footnotes: Mapping[str, str] = field(default_factory=dict[str, str])
    _items: list[str] = field(default_factory=list[str])
    _code: list[str] = field(default_factory=list[str])

    def blocks(self, document: Any) -> Iterator[str | _Heading]:
        """Yield blocks of Markdown, and headings."""
        self._footnotes = footnotes_of(document)
        yield from self._blocks_in(document.element.body, document)
        yield from self._finished(goes_on_with="")

    def _blocks_in(self, element: Any, document: Any) -> Iterator[str | _Heading]:
        for block in blocks_of(element):
            if block.tag.endswith("}tbl"):
                yield from self._finished(goes_on_with="")
                yield from _table(self._rows(_table_at(block, document)))
                yield from self._notes(paragraphs_of(block))
                continue
            paragraph = _paragraph_at(block, document)
            if not is_list_of_pages(paragraph.style.name or ""):
                yield from self._paragraph(paragraph)
            for box in boxes_of(block):
                yield from self._blocks_in(box, document)

    def _paragraph(self, part: Any) -> Iterator[str | _Heading]:
        style = part.style.name or ""
        text = self._text(part)
        heading = level_of(part.style)
        is_code = not heading and _is_code(part, style)
        is_item = not is_code and not heading and _is_item(part, style)
        yield from self._finished(goes_on_with="code" if is_code else "item" * is_item)
        if heading and text.strip():
            shown = " ".join(text.split())
            self.headings.append((heading, shown, self.slugger.unique(shown)))
            yield self.headings[-1]
        elif is_code:
            self._code.append(text)
        elif is_item:
            self._items.append(_item(part, text))
        else:
            yield text.strip()
        yield from self._notes((part._p,))  # noqa: SLF001 - its XML

    def _notes(self, paragraphs: Iterable[Any]) -> Iterator[str]:
        """Yield the footnotes that elements of paragraphs refer to."""
        runs = (run for paragraph in paragraphs for run in runs_of(paragraph))
        for name in (name for run in runs for name in noted_in(run)):
            if name in self._footnotes:
                yield f"[^{name}]: {self._footnotes[name]}"

    def _finished(self, *, goes_on_with: str) -> Iterator[str]:
        """Yield the list or listing that ends here."""
        if self._items and goes_on_with != "item":
            yield "\n".join(self._items)
            self._items.clear()
        if self._code and goes_on_with != "code":
            text = "\n".join(self._code)
            if text.strip():
                fence = "````" if "```" in text else "```"
                yield f"{fence}\n{text}\n{fence}"
            self._code.clear()

    def _text(self, paragraph: Any) -> str:
        """Return the text that readers see; text that was made invisible is noted."""
        text = ""
        for run in _runs(paragraph):
            if isinstance(run, str):
                text += run
            elif run.font.hidden:
                if run.text.strip():
                    self.hidden.append(run.text.strip())
            else:
                mark = "^" if run.font.superscript and is_raised(run.text, text[-1:]) else ""
                text += mark + run.text
        return text

    def _rows(self, table: Any) -> list[list[str]]:
        rows: list[list[str]] = []
        for row in table.rows:
            cells: list[Any] = []
            for cell in row.cells:
                if not cells or cell._tc is not cells[-1]:  # noqa: SLF001 - merged cells repeat
                    cells.append(cell._tc)  # noqa: SLF001 - its XML
            rows.append([self._cell(cell, table) for cell in cells])
        return rows

    def _cell(self, cell: Any, table: Any) -> str:
        paragraphs = [_paragraph_at(one, table) for one in paragraphs_of(cell)]
        text = " ".join(self._text(paragraph) for paragraph in paragraphs)
        return " ".join(text.split()).replace("|", "\\|")


def _paragraph_at(element: Any, parent: Any) -> Any:
    return import_module("docx.text.paragraph").Paragraph(element, parent)


def _table_at(element: Any, parent: Any) -> Any:
    return import_module("docx.table").Table(element, parent)


def _runs(paragraph: Any) -> Iterator[Any]:
    """Yield the runs of a paragraph; formulas, and marks of footnotes, as their text."""
    run: Any = import_module("docx.text.run").Run
    for element in runs_of(paragraph._p):  # noqa: SLF001 - its XML
        yield element.text or "" if is_formula(element) else run(element, paragraph)
        yield from (f"[^{name}]" for name in noted_in(element))


def _is_code(paragraph: Any, style: str) -> bool:
    if _CODE.search(style):
        return True
    runs = [run for run in _runs(paragraph) if not isinstance(run, str)]
    fonts = [run.font.name or "" for run in runs if run.text.strip()]
    return bool(fonts) and all(
        "Courier" in name or "Mono" in name or "Consolas" in name for name in fonts
    )


def _is_item(paragraph: Any, style: str) -> bool:
    return style.startswith("List") or _numbering(paragraph) is not None


def _numbering(paragraph: Any) -> Any:
    properties = paragraph._p.pPr  # noqa: SLF001 - the library shows no numbering otherwise
    return None if properties is None else properties.numPr


def _item(paragraph: Any, text: str) -> str:
    numbering = _numbering(paragraph)
    level = numbering.ilvl.val if numbering is not None and numbering.ilvl is not None else 0
    style = paragraph.style.name or ""
    if style[-1:].isdecimal():
        level = max(level, int(style[-1]) - 1)
    mark = "1." if "Number" in style else "-"
    return f"{'   ' * min(level, 8)}{mark} {' '.join(text.split())}"


def _table(rows: Sequence[list[str]]) -> Iterator[str]:
    width = max(map(len, rows), default=0)
    if not any(any(row) for row in rows):
        return
    padded = [row + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in (padded[0], ["---"] * width, *padded[1:])]
    yield "\n".join(lines)
