"""Books by OpenAI's name for them, as far as a caller sees them."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from proxy.api.deps import state_of
from proxy.api.guard import caller_of
from proxy.corpus import Book
from proxy.errors import NotFound
from proxy.library.documents import Contents, Documents
from proxy.store import Shelf


def documents_of(request: Request) -> Documents:
    """Return what looks into books."""
    state = state_of(request)
    return Documents(state.store, state.open_writer)


async def visible_stores(request: Request) -> dict[str, tuple[Shelf | None, Book | None]]:
    """Return the books that the caller may read, empty ones too, by their ids."""
    state, caller = state_of(request), caller_of(request)
    books = {book.book_id: book for book in await state.index.books()}
    shelves: Mapping[str, Shelf] = {}
    if state.store.is_open:
        shelves = {one.book: one for one in await (await state.store()).shelves.shelves()}
    return {
        name: (shelves.get(name), books.get(name))
        for name in sorted({*books, *shelves})
        if caller.may_read(name)
    }


async def visible_store(request: Request, book_id: str) -> tuple[Shelf | None, Book | None]:
    """Return one of them.

    Raises:
        NotFound: there is none of that id for this caller.
    """
    found = (await visible_stores(request)).get(book_id)
    if found is None:
        raise NotFound(
            f"There is no vector store {book_id[:64]!r}.",
            param="vector_store_id",
            code="vector_store_not_found",
        )
    return found


def store_object(
    book_id: str, shelf: Shelf | None, book: Book | None, contents: Contents
) -> dict[str, Any]:
    """Return a book as OpenAI's clients read it."""
    created = int(shelf.created.timestamp()) if shelf else book.created_unix_s if book else 0
    statuses = ("in_progress", "completed", "failed", "cancelled")
    counts = {status: contents.count(status) for status in statuses}
    return {
        "id": book_id,
        "object": "vector_store",
        "name": shelf.name if shelf else book.title if book else book_id,
        "created_at": created,
        "last_active_at": book.created_unix_s if book else created,
        "status": "in_progress" if counts["in_progress"] else "completed",
        "usage_bytes": sum(one.usage_bytes for one in contents.documents),
        "file_counts": {**counts, "total": len(contents.documents)},
        "metadata": dict(shelf.metadata) if shelf else {},
        "expires_after": None,
        "expires_at": None,
    }
