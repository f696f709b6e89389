"""A search as Qdrant's REST API takes it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.naming import edition_key
from proxy.corpus import Book
from proxy.queries import IndexQuery


def search_body(
    query: IndexQuery, books: Sequence[Book], *, has_terms: bool
) -> dict[str, Any] | None:
    """Return the request without its limit, None for one that finds nothing.

    `books` are the live editions, which alone are searched: drafts and past editions stand in the
    same collection. `has_terms` False: it has no vector of terms.
    """
    where = query.where
    editions = [
        edition_key(book.book_id, book.edition)
        for book in books
        if where.books is None or book.book_id in where.books
    ]
    wanted = (
        (stored.EDITION, editions),
        (stored.ROUTE, where.routes),
        (stored.DOCUMENT_ID, where.document_ids),
        (stored.FOLDER, where.folders),
        (stored.ANCHOR, where.anchors),
    )
    if query.limit < 1 or any(values is not None and not values for _, values in wanted):
        return None
    conditions = [
        {"key": key, "match": {"any": list(values)}} for key, values in wanted if values is not None
    ]
    if isinstance(query.by, Mapping):
        if not query.by or not has_terms:
            return None
        asked: Any = {"indices": list(query.by.keys()), "values": list(query.by.values())}
        using = stored.TERMS
    else:
        asked, using = np.ascontiguousarray(query.by, dtype=np.float32), stored.VECTOR
    return {
        "query": asked,
        "using": using,
        "filter": {"must": conditions},
        "with_payload": {"include": stored.HIT_KEYS},
    }
