"""/api/content: the books and a search in them, for authors and for this machine's command line."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from proxy.api.deps import links_of, state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.passages import passage_object
from proxy.corpus import Book
from proxy.deadline import Deadline
from proxy.errors import NotFound
from proxy.protocol.rag_options import MAX_TOP_K

router = APIRouter(route_class=GuardedRoute, prefix="/api/content", tags=["Content"])


@router.get("/search", summary="Search the books")
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=8_000)],
    book: Annotated[str | None, Query(max_length=64)] = None,
    top_k: Annotated[int, Query(ge=1, le=MAX_TOP_K)] = 8,
    explain: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> list[dict[str, Any]] | dict[str, Any]:
    """Return the passages that fit `q` best, whatever their score.

    With `explain` an object of these `passages` and of what the search did.
    """
    caller = caller_of(request)
    caller.require("author")
    state = state_of(request)
    live = await state.index.books()
    books = [
        each for each in live if book in {None, each.book_id} and caller.may_read(each.book_id)
    ]
    if book is not None and not books:
        raise NotFound(f"There is no book '{book}'.", param="book", code="book_not_found")
    deadline = Deadline.after(state.settings.server.request_timeout_s)
    found = await state.retriever.search(q, books, top_k, deadline)
    links = links_of(request)
    passages = [passage_object(passage, links) for passage in found.passages]
    return {"passages": passages, "explain": found.trace.as_json()} if explain else passages


@router.get("/books", summary="List the books")
async def books(request: Request) -> list[dict[str, Any]]:
    """List the live edition of every book."""
    caller = caller_of(request)
    caller.require("author")
    live = await state_of(request).index.books()
    return [book_object(book) for book in live if caller.may_read(book.book_id)]


@router.post("/books/{book_id}/rollback", summary="Go back to the edition before")
async def rollback(request: Request, book_id: str) -> dict[str, Any]:
    """Make the previous edition of a book the live one again, and return it."""
    state = state_of(request)
    state.desk.may_write(caller_of(request), book_id)
    async with state.open_writer() as writer:
        return book_object(await writer.rollback(book_id))


@router.post("/refresh", summary="Look for new editions", include_in_schema=False)
async def refresh(request: Request) -> dict[str, Any]:
    """Serve what another process of this machine has just published."""
    caller_of(request).require("admin")
    await state_of(request).refresh_index()
    return {"refreshed": True}


def book_object(book: Book) -> dict[str, Any]:
    """Return a book as the command line and the API show it."""
    return {
        "id": book.book_id,
        "title": book.title,
        "edition": book.edition,
        "previous_edition": book.previous_edition,
        "base_url": book.base_url,
        "documents": book.documents,
        "chunks": book.chunks,
        "embedding_model": book.embedding_model,
        "dimensions": book.dimensions,
        "created": book.created_unix_s,
    }
