"""A request's options to what is looked for: books, filters, scope. Pure."""

from collections.abc import Sequence

from proxy.corpus import Book
from proxy.errors import InvalidRequest
from proxy.protocol.rag_options import RagFilters, RagOptions
from proxy.queries import Where
from proxy.rag.retrieval.finding import Asked
from proxy.rag.retrieval.scope import ScopeName
from proxy.settings import SearchMode

_NO_FILTERS = RagFilters()


def checked_scope(options: RagOptions) -> None:
    """Return when the scope can be told.

    Raises:
        InvalidRequest: it is that of a page, and there is no page.
    """
    if options.scope in {"section", "page", "chapter"} and options.page_url is None:
        raise InvalidRequest(
            f"The scope '{options.scope}' needs a 'page_url'.", param="rag.page_url"
        )


def wanted_books(known: Sequence[Book], options: RagOptions) -> list[Book]:
    """Return the books that a request searches, in their order."""
    filters = options.filters or _NO_FILTERS
    return [
        book
        for book in known
        if (options.books is None or book.book_id in options.books)
        and (filters.language is None or book.language in filters.language)
        and (filters.edition is None or book.edition in filters.edition)
    ]


def asked_for(
    query: str,
    books: Sequence[Book],
    options: RagOptions,
    top_k: int,
    mode: SearchMode | None = None,
) -> Asked:
    """Return what is looked for; of `top_k` passages a narrow scope gets half before wider ones."""
    filters = options.filters or _NO_FILTERS
    where = Where(
        routes=filters.page,
        document_ids=filters.document,
        folders=filters.chapter,
        anchors=filters.section,
    )
    few = (top_k + 1) // 2
    return Asked(query, books, where, options.page_url, _widest(options), few, mode)


def _widest(options: RagOptions) -> ScopeName:
    return "book" if options.scope in (None, "selection") else options.scope
