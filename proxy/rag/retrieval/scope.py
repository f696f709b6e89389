"""The scope ladder: section → page → chapter → book, from what the reader has open. Pure.

The narrowest scope that answers wins; wider ones stand behind it.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from proxy.corpus import Book
from proxy.queries import Where

ScopeName = Literal["section", "page", "chapter", "book"]
ORDER: Final[tuple[ScopeName, ...]] = ("section", "page", "chapter", "book")
"""Narrow to wide."""
_SUFFIXES = ("/index.html", ".html", "/index", "/")


@dataclass(frozen=True, slots=True)
class Rung:
    """One scope to search."""

    name: ScopeName
    where: Where


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The page that the reader has open, by its address."""

    where: Where
    anchor: str
    """The heading that is on show; "" for none."""


def open_page(page_url: str, books: Sequence[Book]) -> OpenPage:
    """Return where the page of an address may be: a URL, a path on a book's site, or a document id.

    An address below a book's base URL means that book; for others, whose site is not known, the
    path is taken with and without its first folder, below which sites put a book.
    """
    parts = urlsplit(page_url)
    anchor = unquote(parts.fragment)
    address = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path
    below = {
        book.book_id: rest for book in books if (rest := _below_base(address, book)) is not None
    }
    if below:
        routes = {route for rest in below.values() for route in _spellings(rest)}
        return OpenPage(Where(books=tuple(below), routes=tuple(sorted(routes))), anchor)
    path = "/" + unquote(parts.path).strip("/")
    shorter = "/" + path.lstrip("/").partition("/")[2]
    routes = {*_spellings(path), *(_spellings(shorter) if shorter != "/" else ())}
    return OpenPage(Where(routes=tuple(sorted(routes))), anchor)


def ladder(
    where: Where, page: OpenPage | None, document_id: str | None, widest: ScopeName
) -> list[Rung]:
    """Return the scopes to search, narrow to wide, none wider than `widest`.

    `where` holds what the request filters by anyway. `document_id` is the document behind `page`;
    None where there is none, and then only the book is left.
    """
    rungs: list[Rung] = []
    is_allowed = where.document_ids is None or document_id in where.document_ids
    if page is not None and document_id is not None and is_allowed:
        on_page = replace(where, document_ids=(document_id,))
        if page.anchor:
            rungs.append(Rung("section", replace(on_page, anchors=(page.anchor,))))
        rungs.append(Rung("page", on_page))
        if folder := posixpath.dirname(document_id):
            rungs.append(Rung("chapter", replace(where, folders=(folder,))))
    rungs.append(Rung("book", where))
    return [rung for rung in rungs if ORDER.index(rung.name) <= ORDER.index(widest)]


def _below_base(address: str, book: Book) -> str | None:
    """Return the part of an address behind a book's base URL, None where it is not below it."""
    if book.base_url is None:
        return None
    base = book.base_url.rstrip("/")
    if not urlsplit(address).netloc:
        base = urlsplit(base).path.rstrip("/")
        if not base:
            return None
    is_below = address.rstrip("/") == base or address.startswith(base + "/")
    return unquote(address[len(base) :]) or "/" if is_below else None


def _spellings(route: str) -> list[str]:
    """Return the ways a site may write one route."""
    bare = route
    for suffix in _SUFFIXES:
        bare = bare.removesuffix(suffix)
    return [bare or "/", f"{bare}/"]
