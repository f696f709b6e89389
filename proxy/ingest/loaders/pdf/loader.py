"""A PDF to a document: sections by headings and pages, each with the address of its place.

Source: https://www.rfc-editor.org/rfc/rfc8118#section-3 for `#page=` and `&zoom=`.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from proxy.corpus import Document, Section
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.outline import Outline
from proxy.ingest.loaders.pdf.furniture import without_furniture
from proxy.ingest.loaders.pdf.glyphs import PdfContent, PdfError, read_pdf
from proxy.ingest.loaders.pdf.headings import Heading, headings_of
from proxy.ingest.loaders.pdf.lines import Line, lines_of
from proxy.ingest.loaders.pdf.paragraphs import blocks_of, leading_of, words_of

_NO_TITLE = re.compile(
    r"(?:untitled|microsoft word)\b|.*\.(?:docx?|tex|dvi|indd|pdf)\Z", re.IGNORECASE
)
_CHAPTER_LABEL = re.compile(
    r"(?:chapter|part|appendix)?\s*(?:\d{1,3}|[ivxlc]{1,6}|[a-z]|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    r"|twenty)?\Z",
    re.IGNORECASE,
)
"""What stands above the name of a chapter, on lines of its own."""


def load(source: Source) -> Document | Skipped:
    """Return the text of a PDF.

    Raises:
        UnreadableSource: damaged, locked, or pictures of pages only.
    """
    try:
        content = read_pdf(source.data)
    except PdfError as exc:
        raise UnreadableSource(str(exc)) from exc
    pages = [lines_of(page, number) for number, page in enumerate(content.pages)]
    if not any(pages):
        raise UnreadableSource("holds no text: pictures of pages have to go through OCR first")
    pages = without_furniture(pages)
    found = headings_of(pages, content.outline)
    title = _title(source.document_id, content, found)
    return Document(
        document_id=source.document_id,
        title=title,
        route=f"/{source.document_id}",
        sections=_Writer(title, pages).sections(found),
    )


class _Writer:
    """Writes pages into an outline."""

    def __init__(self, title: str, pages: Sequence[Sequence[Line]]) -> None:
        self._outline = Outline(title)
        self._pages = pages
        self._words = words_of(pages)
        self._leading = leading_of(pages)
        self._waiting: list[Line] = []
        self._page = -1
        self._anchors: set[str] = set()

    def sections(
        self, headings: Mapping[tuple[int, int], Sequence[Heading]]
    ) -> tuple[Section, ...]:
        """Return the sections of all pages."""
        for page, lines in enumerate(self._pages):
            skipped = 0
            for at in range(len(lines) + 1):
                for heading in headings.get((page, at), ()):
                    self._heading(page, lines[at] if at < len(lines) else None, heading)
                    skipped = max(skipped, heading.lines)
                if at < len(lines) and not skipped:
                    self._waiting.append(lines[at])
                skipped = max(skipped - 1, 0)
        self._write()
        return self._outline.sections()

    def _heading(self, page: int, line: Line | None, heading: Heading) -> None:
        while heading.level == 1 and self._waiting and self._is_label(self._waiting[-1], page):
            self._waiting.pop()
        self._write()
        anchor = f"page={page + 1}"
        if anchor in self._anchors and line is not None:
            anchor = f"{anchor}&zoom=100,0,{round(line.top)}"
        self._anchors.add(anchor)
        self._page = page
        self._outline.heading(heading.level, heading.text, anchor)

    def _is_label(self, line: Line, page: int) -> bool:
        return line.page == page and _CHAPTER_LABEL.match(line.text) is not None

    def _write(self) -> None:
        """Write the lines since the last heading, block by block to the page each begins on."""
        for block in blocks_of(self._waiting, self._leading):
            if block.page != self._page:
                self._page = block.page
                anchor = f"page={block.page + 1}"
                self._anchors.add(anchor)
                self._outline.place(anchor)
            self._outline.block(block.markdown(self._words))
        self._waiting = []


def _title(
    document_id: str, content: PdfContent, headings: Mapping[tuple[int, int], Sequence[Heading]]
) -> str:
    if content.title and not _NO_TITLE.match(content.title):
        return " ".join(content.title.split())
    if not content.outline and headings:
        first = [heading for place in sorted(headings) for heading in headings[place]]
        if first[0].level == 1:
            return first[0].text
    return PurePosixPath(document_id).stem
