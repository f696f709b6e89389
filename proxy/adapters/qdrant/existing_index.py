"""`ports.BookIndex` on a collection that another service filled: read as it is, never written to.

It is one book, found by meaning alone: of weights of its own it knows nothing.
"""

import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import aiohttp
import numpy as np

from proxy.adapters.qdrant.foreign import PayloadMap
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.ranking import ranked
from proxy.adapters.qdrant.rest import QdrantRest
from proxy.adapters.qdrant.server_index import bounded
from proxy.corpus import Book, Chunk
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit, IndexQuery, Where

_DISTANCES: Final = ("Cosine", "Dot")
"""Larger is nearer, and of unit vectors both are the cosine."""
_LIMIT_S: Final = 2.0


class ExistingIndex:
    """Searches somebody else's collection.

    `session` is shared and stays the caller's. `vector_name` None: the collection's only vector.
    """

    def __init__(  # noqa: PLR0913 - a place, what is expected there, and how it is read
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        api_key: str | None,
        collection: str,
        identity: IndexIdentity,
        payload_map: PayloadMap,
        vector_name: str | None = None,
        limit_s: float = 0.8,
    ) -> None:
        self._rest = QdrantRest(session, url, api_key)
        self.upstream = self._rest.upstream
        self._collection = collection
        self._path = f"collections/{collection}"
        self._identity = identity
        self._map = payload_map
        self._vector_name = vector_name
        self._limit_s = limit_s
        self._book: Book | None = None

    async def open(self) -> None:
        """Check that the collection can be searched, if the server is up.

        Raises:
            ConfigurationError: it is not there, or made for another model.
        """
        with contextlib.suppress(RetrievalUnavailable):
            await self._verified()

    async def refresh(self) -> None:
        """Look at the collection again."""
        self._book = None

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        return (await self._ready(),)

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """See `ports.BookIndex.lexicon`: there is none."""
        del book, deadline

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """See `ports.BookIndex.find`."""
        book = await self._ready()
        asked = [n for n, query in enumerate(queries) if _concerns(query, book)]
        found: list[Sequence[Hit]] = [()] * len(queries)
        if not asked:
            return found
        limit_s = deadline.within(self._limit_s)
        async with bounded(limit_s):
            body = {"searches": [self._search(queries[n]) for n in asked]}
            path = f"{self._path}/points/query/batch"
            results: Any = await self._rest.post(path, body, timeout_s=limit_s) or []
            for n, result in zip(asked, results, strict=True):
                hits = [
                    self._map.hit(p["id"], p.get("payload") or {}, book.book_id, p["score"])
                    for p in result["points"]
                ]
                found[n] = ranked(_inside(hits, queries[n].where), queries[n])
        return found

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """See `ports.BookIndex.read`."""
        book = await self._ready()
        ids = [_point_id(chunk_id) for chunk_id in chunk_ids if _is_point_id(chunk_id)]
        if not ids or (books is not None and book.book_id not in books):
            return {}
        limit_s = deadline.within(self._limit_s)
        async with bounded(limit_s):
            body = {"ids": ids, "with_payload": True}
            points: Any = await self._rest.post(f"{self._path}/points", body, timeout_s=limit_s)
            chunks = (
                self._map.chunk(point["id"], point.get("payload") or {}, book.book_id)
                for point in points or ()
            )
            return {chunk.chunk_id: chunk for chunk in chunks if chunk.text}

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        try:
            await self._verified()
        except ConfigurationError as exc:
            raise RetrievalUnavailable(str(exc)) from exc

    async def _ready(self) -> Book:
        if self._book is None:
            await self.check()
        if self._book is None:
            raise RetrievalUnavailable("The collection was not looked at yet")
        return self._book

    async def _verified(self) -> None:
        async with bounded(_LIMIT_S):
            info = await self._rest.get(self._path, timeout_s=_LIMIT_S)
            where = f"QDRANT_EXISTING_COLLECTION {self._collection!r}"
            if info is None:
                raise ConfigurationError(f"{where} is not on the server")
            vectors: dict[str, Any] = info["config"]["params"].get("vectors") or {}
            vector = self._vector(vectors, where)
            if vector["size"] != self._identity.dimensions:
                raise ConfigurationError(
                    f"{where} has vectors of {vector['size']} dimensions, {self._identity.model} "
                    f"makes {self._identity.dimensions}: choose the embedder it was filled with"
                )
            if vector["distance"] not in _DISTANCES:
                raise ConfigurationError(
                    f"{where} compares by {vector['distance']}, not by one of "
                    f"{' and '.join(_DISTANCES)}"
                )
            self._book = Book(
                book_id=_book_id(self._collection),
                title=self._collection,
                edition="as-it-is",
                base_url=None,
                embedding_model=self._identity.model,
                dimensions=self._identity.dimensions,
                created_unix_s=0,
                chunks=info.get("points_count") or 0,
            )

    def _vector(self, vectors: dict[str, Any], where: str) -> dict[str, Any]:
        """Return the configuration of the vector to search by, and remember its name."""
        if "size" in vectors:  # a single vector without a name
            vectors = {"": vectors}
        if self._vector_name is None and len(vectors) == 1:
            self._vector_name = next(iter(vectors))
        found = vectors.get(self._vector_name or "")
        if found is None:
            names = ", ".join(repr(name) for name in vectors) or "none"
            raise ConfigurationError(
                f"{where} has no dense vector {self._vector_name!r}; set QDRANT_VECTOR_NAME to one "
                f"of: {names}"
            )
        return found

    def _search(self, query: IndexQuery) -> dict[str, Any]:
        body: dict[str, Any] = {
            "query": np.ascontiguousarray(query.by, dtype=np.float32),
            "limit": query.limit,
            "with_payload": True,
        }
        return {**body, "using": self._vector_name} if self._vector_name else body


def _concerns(query: IndexQuery, book: Book) -> bool:
    """Tell whether a query can find anything: by meaning, and not by what points do not have."""
    where = query.where
    return (
        not isinstance(query.by, Mapping)
        and (where.books is None or book.book_id in where.books)
        and where.routes is None
        and where.folders is None
        and where.anchors is None
        and query.limit > 0
    )


def _inside(hits: Sequence[Hit], where: Where) -> list[Hit]:
    return [h for h in hits if where.document_ids is None or h.document_id in where.document_ids]


def _point_id(chunk_id: str) -> str | int:
    return int(chunk_id) if chunk_id.isdigit() else chunk_id


def _is_point_id(chunk_id: str) -> bool:
    """Tell whether Qdrant takes this for a point's id: it refuses the whole request otherwise."""
    return chunk_id.isascii() and (
        chunk_id.isdigit() or re.fullmatch(r"[0-9a-fA-F-]{32,36}", chunk_id) is not None
    )


def _book_id(collection: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", collection.lower()).strip("-._")[:64] or "existing"
