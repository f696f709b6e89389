"""What pdfium finds on the pages of a file: pieces of lines with their places, and the outline.

pdfium is not safe to use from two threads at a time, whatever the documents: hence the lock.
"""

import ctypes
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

MAX_PAGES = 5_000
MAX_CHARS_PER_PAGE = 100_000
_MAX_OUTLINE = 20_000

_LOCK = threading.Lock()
_WIDE_GAP = 1.3
"""Of the letter's size: more than a word space, so another column or cell begins."""
_FIXED_PITCH = 1
"""The flag of a font (PDF 32000-1, table 123)."""


class PdfError(Exception):
    """A PDF cannot be read; the message is one line for its author."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters beside each other on a line; lengths in points, from the bottom left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    is_mono: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline."""

    level: int
    """From 1."""
    title: str
    page: int
    """Index of the page it leads to."""
    top: float | None
    """How far up that page, None where it does not say."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    width: float
    height: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class PdfContent:
    """What a file holds."""

    title: str
    outline: tuple[Entry, ...]
    pages: tuple[Page, ...]


def read_pdf(data: bytes) -> PdfContent:
    """Return what is written in a PDF.

    Raises:
        PdfError: no PDF, a damaged one, or one that needs a password.
    """
    import pypdfium2 as pdfium  # noqa: PLC0415 - only a PDF needs it, and it takes 85 ms

    with _LOCK:
        try:
            document: Any = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as exc:
            reason = "needs a password" if "password" in str(exc).lower() else "is damaged"
            raise PdfError(f"{reason}, or is no PDF at all") from exc
        try:
            if len(document) > MAX_PAGES:
                raise PdfError(f"has more than {MAX_PAGES} pages")
            title = document.get_metadata_value("Title").strip()
            outline = tuple(_outline(document))
            pages = tuple(_page(document, number) for number in range(len(document)))
        except pdfium.PdfiumError as exc:
            raise PdfError(f"is damaged ({exc})") from exc
        finally:
            document.close()
    return PdfContent(title, outline, pages)


def _outline(document: Any) -> Iterator[Entry]:
    for count, bookmark in enumerate(document.get_toc()):
        if count >= _MAX_OUTLINE:
            return
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        title = " ".join(bookmark.get_title().split())
        if page is None or not title:
            continue
        _, position = target.get_view()
        # Of XYZ the second number is the height on the page, of FitH the first.
        top = position[1] if len(position) > 1 else position[0] if position else None
        yield Entry(bookmark.level + 1, title, page, top)


def _page(document: Any, number: int) -> Page:
    page = document.get_page(number)
    try:
        width, height = page.get_size()
        with _closing(page.get_textpage()) as text_page:
            return Page(width, height, tuple(_pieces(text_page)))
    finally:
        page.close()


@contextmanager
def _closing(text_page: Any) -> Generator[Any]:
    try:
        yield text_page
    finally:
        text_page.close()


@dataclass(slots=True)
class _Run:
    """A piece that is being put together."""

    left: float
    right: float
    bottom: float
    top: float
    size: float
    is_mono: bool
    letters: list[str] = field(default_factory=list[str])

    def add(self, letter: str, right: float, bottom: float, top: float) -> None:
        """Put a letter behind the others."""
        self.letters.append(letter)
        self.right = max(self.right, right)
        self.bottom, self.top = min(self.bottom, bottom), max(self.top, top)

    def finished(self) -> Iterator[Piece]:
        """Yield the piece, unless it is only space."""
        # pdfium gives letters outside the first plane in halves.
        text = "".join(self.letters).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if text.strip():
            yield Piece(text, self.left, self.right, self.bottom, self.top, self.size, self.is_mono)


def _pieces(text_page: Any) -> Iterator[Piece]:
    raw: Any = import_module("pypdfium2.raw")
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    box = tuple(map(ctypes.byref, (left, right, bottom, top)))
    run: _Run | None = None
    for index in range(min(text_page.count_chars(), MAX_CHARS_PER_PAGE)):
        letter = _letter(raw, text_page, index)
        if letter == "\n":
            yield from run.finished() if run else ()
            run = None
        elif letter in ("", " "):
            if run:
                run.letters.append(letter)
        else:
            raw.FPDFText_GetCharBox(text_page, index, *box)
            if run and _is_apart(run, left.value, bottom.value, top.value):
                yield from run.finished()
                run = None
            if run is None:
                size = raw.FPDFText_GetFontSize(text_page, index)
                is_mono = _is_mono(raw, text_page, index)
                run = _Run(left.value, right.value, bottom.value, top.value, size, is_mono)
            run.add(letter, right.value, bottom.value, top.value)
    yield from run.finished() if run else ()


def _letter(raw: Any, text_page: Any, index: int) -> str:
    """Return a letter; a line feed, a space or nothing for what is no letter."""
    if raw.FPDFText_IsHyphen(text_page, index) == 1:
        return "\u00ad"
    code = raw.FPDFText_GetUnicode(text_page, index)
    if code in (10, 13):
        return "\n"
    letter = chr(code) if code >= 32 and code != 0xFFFE else ""
    return " " if letter.isspace() else letter


def _is_apart(run: _Run, left: float, bottom: float, top: float) -> bool:
    size = max(run.size, run.top - run.bottom, 1.0)
    if left - run.right > _WIDE_GAP * size or left < run.left - size:
        return True
    middle = (bottom + top) / 2
    return middle > run.top + 0.3 * size or middle < run.bottom - 0.3 * size


def _is_mono(raw: Any, text_page: Any, index: int) -> bool:
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(256)
    raw.FPDFText_GetFontInfo(text_page, index, name, 256, ctypes.byref(flags))
    lower = name.value.lower()
    return bool(flags.value & _FIXED_PITCH) or any(
        mark in lower for mark in (b"mono", b"courier", b"typewriter", b"consol")
    )
