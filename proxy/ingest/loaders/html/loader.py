"""A page of HTML to a document."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource, decode_text
from proxy.ingest.loaders.html.content import content_of, is_for_browsing
from proxy.ingest.loaders.html.inline import line_of
from proxy.ingest.loaders.html.tree import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    is_overfull,
    is_too_deep,
    parse_html,
    without_scripts,
)
from proxy.ingest.loaders.html.writer import PageWriter
from proxy.ingest.loaders.outline import Outline

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})"
    rb"|\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)
_BROWSING_PAGES = frozenset(("genindex", "search", "py-modindex", "modindex", "404", "print"))
"""Sphinx and mdBook make these: lists of what stands elsewhere."""
_SITE_NAME = re.compile(r"\s+(?:[|–—·»]|-{1,2})\s+[^|–—·»]*\Z")


def load(source: Source) -> Document | Skipped:
    """Return the page in an HTML or XHTML file.

    Raises:
        UnreadableSource: not text, of an encoding it does not name, or nested without end.
    """
    return _load(source)


def load_epub_page(source: Source) -> Document | Skipped:
    """Return a page of an EPUB: all of it is content, and its chapter is none of its folders.

    Raises:
        UnreadableSource: as `load`.
    """
    page = _load(source, is_all_content=True)
    return page if isinstance(page, Skipped) else replace(page, chapter_path="")


def _load(source: Source, *, is_all_content: bool = False) -> Document | Skipped:
    name = PurePosixPath(source.document_id)
    if name.stem in _BROWSING_PAGES or name.stem.startswith("genindex-"):
        return Skipped("a list for browsing")
    text = _decoded(source.data)
    if is_overfull(text):
        text = without_scripts(text)  # parsed so too: what was looked through is what is read
    if is_too_deep(text):
        raise UnreadableSource(f"has elements more than {MAX_DEPTH} deep within each other")
    if is_overfull(text):
        raise UnreadableSource(f"has an element with {MAX_ATTRIBUTES} attributes")
    page = parse_html(text)
    if is_for_browsing(page):
        return Skipped("a page for browsing, which search machines are told to leave out")
    content, is_named = content_of(page)
    if content is None:
        return Skipped("empty")
    heading = content.css_first("h1")
    shown = page.css_first("head title")
    site_title = line_of(shown, marks=False) if shown is not None else ""
    title = line_of(heading, marks=False) if heading is not None else ""
    title = title or _SITE_NAME.sub("", site_title) or name.stem
    outline = Outline(title)
    writer = PageWriter(outline, is_named=is_named or is_all_content)
    writer.write(content)
    sections = outline.sections()
    if not any(section.markdown for section in sections):
        return Skipped("no text")
    return Document(
        document_id=source.document_id,
        title=title,
        route=route_of_file(source.document_id),
        sections=sections,
        hidden=tuple(writer.hidden),
    )


def route_of_file(document_id: str) -> str:
    """Return where a file is served that is served as it is."""
    path = PurePosixPath(document_id)
    if path.name.lower() in ("index.html", "index.htm"):
        folder = path.parent.as_posix()
        return "/" if folder == "." else f"/{folder}/"
    return f"/{document_id}"


def _decoded(data: bytes) -> str:
    named = _CHARSET.search(data[:4_096])
    if named is None or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return decode_text(data)
    encoding = (named[1] or named[2]).decode("ascii", "replace").lower()
    if encoding in ("utf-8", "utf8"):
        return decode_text(data)
    # Browsers read these names as their Windows relatives (https://encoding.spec.whatwg.org).
    encoding = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252"}.get(
        encoding, encoding
    )
    try:
        return decode_text(data.decode(encoding).encode())
    except (LookupError, UnicodeError) as exc:
        raise UnreadableSource(f"is not the {encoding} text it says it is") from exc
