"""The pages of an EPUB, in the order of its spine; each is a document, read as HTML.

Source: EPUB 3.3 (https://www.w3.org/TR/epub-33/), §4 packages and §5 the container.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from proxy.ingest.loaders.archive import ArchiveError, open_archive, read_from
from proxy.ingest.loaders.base import SourceFile, UnreadableSource

_CONTAINER = "META-INF/container.xml"
_MAX_XML_BYTES = 10 * 1024 * 1024
_PAGE_TYPES = frozenset(("application/xhtml+xml", "text/html"))


def pages(file: SourceFile) -> list[SourceFile]:
    """Return the pages of the EPUB `file`.

    Raises:
        UnreadableSource: no EPUB, a damaged one, or a bomb.
    """
    try:
        with open_archive(file.path) as archive:
            container = _parsed(read_from(archive, _CONTAINER, _MAX_XML_BYTES))
            package_path = container.xpath("string(//*[local-name()='rootfile']/@full-path)")
            package = _parsed(read_from(archive, package_path, _MAX_XML_BYTES))
            stored = frozenset(archive.namelist())
    except ArchiveError as exc:
        raise UnreadableSource(str(exc)) from exc
    names = dict.fromkeys(_spine(package, posixpath.dirname(package_path)))
    if stored.isdisjoint(names):  # one that is missing fails when it is read, and it alone
        raise UnreadableSource(
            f"has no {next(iter(names))}" if names else "its spine names no page"
        )
    return [replace(file, document_id=f"{file.document_id}/{name}", member=name) for name in names]


def _parsed(data: bytes) -> Any:
    """Return the root of an XML file; entities are left as they are, nothing is fetched."""
    etree: Any = import_module("lxml.etree")  # which has no types; only an EPUB needs it
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as exc:
        raise UnreadableSource(f"its package is not well-formed XML ({exc.msg})") from exc


def _spine(package: Any, folder: str) -> Iterator[str]:
    """Yield the archive's names of the pages in order of reading; the list of contents is none."""
    items: dict[str, tuple[str, str, str]] = {
        item.get("id", ""): (
            item.get("href", ""),
            item.get("media-type", ""),
            item.get("properties", ""),
        )
        for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
    }
    for reference in package.xpath("//*[local-name()='spine']/*[local-name()='itemref']"):
        href, media_type, properties = items.get(reference.get("idref", ""), ("", "", ""))
        if media_type in _PAGE_TYPES and "nav" not in properties.split():
            yield posixpath.normpath(posixpath.join(folder, unquote(href)))
