"""Which loader reads which file: one line per extension, and what content tells of itself."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from proxy.ingest.loaders import docx, epub, markdown, notebook, text
from proxy.ingest.loaders.base import MAX_BINARY_BYTES, Format, SourceFile, UnreadableSource
from proxy.ingest.loaders.docusaurus.page import made_of
from proxy.ingest.loaders.html import loader as html
from proxy.ingest.loaders.pdf import loader as pdf

_MARKDOWN = Format(markdown.load, depends_on=made_of)
_HTML = Format(html.load)
_EPUB_PAGE = Format(html.load_epub_page)

FORMATS: Mapping[str, Format] = {
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".mdx": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".docx": Format(docx.load, max_bytes=MAX_BINARY_BYTES),
    ".ipynb": Format(notebook.load, max_bytes=MAX_BINARY_BYTES),
    ".txt": Format(text.load),
    ".text": Format(text.load),
    ".pdf": Format(pdf.load, max_bytes=MAX_BINARY_BYTES),
}
"""By lower-case extension."""

HOLDERS: Mapping[str, Callable[[SourceFile], Sequence[SourceFile]]] = {".epub": epub.pages}
"""By lower-case extension: files that hold many pages, to what gives those pages."""

EXTENSIONS = frozenset((*FORMATS, *HOLDERS))


def format_of(document_id: str, reads_as: str | None = None) -> Format:
    """Return how a file is read; `reads_as` is the extension that counts instead of its own.

    Raises:
        UnreadableSource: its extension is none of `FORMATS`, and it is no page of an EPUB.
    """
    path = PurePosixPath(document_id)
    found = FORMATS.get(reads_as or path.suffix.lower())
    is_held = any(folder.suffix.lower() in HOLDERS for folder in path.parents)
    if is_held and found in (None, _HTML):
        return _EPUB_PAGE
    if found is None:
        raise UnreadableSource(f"unknown format; known are {', '.join(sorted(EXTENSIONS))}")
    return found
