"""`ports.BookIndex` on a Qdrant server: one collection for all books of one embedding model.

Points of kind `book` are the catalogue; a search is filtered to the live editions it names, so that
drafts and past editions in the same collection are never seen. Never writes.
"""

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import aiohttp

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.catalogue import Catalogue
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.naming import chunk_point_id, edition_key, lexicon_point_id
from proxy.adapters.qdrant.ranking import first_request_size, next_request_size, ranked
from proxy.adapters.qdrant.rest import QdrantRest
from proxy.adapters.qdrant.search_body import search_body
from proxy.corpus import Book, Chunk
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon
from proxy.queries import Hit, IndexQuery

CATALOGUE_TTL_S: Final = 2.0
_CATALOGUE_PAGE: Final = 1000
# For what has no deadline of its own and holds up no search: health checks, a passage by its id.
_CONTROL_LIMIT_S: Final = 2.0
_SCORE: Final = itemgetter("score")


class ServerIndex:
    """Searches a Qdrant server.

    `session` is shared and stays the caller's. `limit_s` bounds one search, whatever its deadline
    says, and reading the catalogue: a stuck store should cost an answer its passages, not the
    reader's patience.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        api_key: str | None,
        collection: str,
        identity: IndexIdentity,
        limit_s: float = 0.8,
        catalogue_ttl_s: float = CATALOGUE_TTL_S,
    ) -> None:
        self._rest = QdrantRest(session, url, api_key)
        self.upstream = self._rest.upstream
        self._collection = collection
        self._path = f"collections/{collection}"
        self._identity = identity
        self._limit_s = limit_s
        self._catalogue = Catalogue(self._read_books, ttl_s=catalogue_ttl_s)
        self._lexicons: dict[str, Lexicon | None] = {}
        """By `edition_key`."""
        self._is_verified = False
        self._has_terms = True
        """Whether the collection has room for what terms weigh; older ones have not."""

    async def open(self) -> None:
        """Check that the collection is the right one, if the server is up and it exists.

        A server that is down does not stop the start: searching fails until it is back.

        Raises:
            ConfigurationError: the collection was made for another model or size.
        """
        with contextlib.suppress(RetrievalUnavailable):
            await self._verify()

    async def refresh(self) -> None:
        """Make the next search see what was published until now."""
        self._catalogue.forget()

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        return await self._catalogue.books()

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """See `ports.BookIndex.lexicon`; it never changes, so it is read once."""
        key = edition_key(book.book_id, book.edition)
        if key not in self._lexicons:
            limit_s = deadline.within(self._limit_s)
            async with bounded(limit_s):
                points = await self._points([lexicon_point_id(key)], None, limit_s)
                live = {edition_key(b.book_id, b.edition) for b in await self._catalogue.books()}
            kept = {known: lexicon for known, lexicon in self._lexicons.items() if known in live}
            kept[key] = stored.lexicon_from_json(points[0]["payload"]) if points else None
            self._lexicons = kept
        return self._lexicons[key]

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """See `ports.BookIndex.find`."""
        limit_s = deadline.within(self._limit_s)
        async with bounded(limit_s):
            books = await self._catalogue.books()
            bodies = [search_body(query, books, has_terms=self._has_terms) for query in queries]
            answers = await self._settled(queries, bodies, limit_s)
            found = [
                _hits(_not_worse_than(points, query.limit))
                for query, points in zip(queries, answers, strict=True)
            ]
        return [ranked(hits, query) for query, hits in zip(queries, found, strict=True)]

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """See `ports.BookIndex.read`."""
        limit_s = deadline.within(self._limit_s)
        async with bounded(limit_s):
            ids = [
                chunk_point_id(edition_key(book.book_id, book.edition), chunk_id)
                for book in await self._catalogue.books()
                if books is None or book.book_id in books
                for chunk_id in chunk_ids
            ]
            points = await self._points(ids, stored.CHUNK_KEYS, limit_s)
            chunks = [stored.payload_to_chunk(point["payload"]) for point in points]
        return {chunk.chunk_id: chunk for chunk in chunks}

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        try:
            await self._verify()
        except ConfigurationError as exc:
            raise RetrievalUnavailable(str(exc)) from exc
        self._catalogue.forget_failure()

    async def _settled(
        self,
        queries: Sequence[IndexQuery],
        bodies: Sequence[dict[str, Any] | None],
        limit_s: float,
    ) -> list[list[Mapping[str, Any]]]:
        """Return of each query at least the best `limit`, and whatever ties with the last."""
        hits: list[list[Mapping[str, Any]]] = [[] for _ in queries]
        sizes = {
            n: first_request_size(queries[n]) for n, body in enumerate(bodies) if body is not None
        }
        while sizes:
            searches = [{**(bodies[n] or {}), "limit": size} for n, size in sizes.items()]
            path = f"{self._path}/points/query/batch"
            results = await self._rest.post(path, {"searches": searches}, timeout_s=limit_s)
            if results is None:
                return hits
            larger: dict[int, int] = {}
            for (n, size), result in zip(sizes.items(), results, strict=True):
                hits[n] = result["points"]
                next_size = next_request_size(hits[n], _SCORE, asked=size, limit=queries[n].limit)
                if next_size is not None:
                    larger[n] = next_size
            sizes = larger
        return hits

    async def _points(
        self, ids: Sequence[str], keys: Sequence[str] | None, limit_s: float
    ) -> Sequence[Mapping[str, Any]]:
        if not ids:
            return ()
        body = {"ids": ids, "with_payload": True if keys is None else {"include": keys}}
        return await self._rest.post(f"{self._path}/points", body, timeout_s=limit_s) or ()

    async def _read_books(self) -> Sequence[Book]:
        async with bounded(self._limit_s):
            if not self._is_verified:
                await self.check()
            return await self._scroll_books()

    async def _scroll_books(self) -> Sequence[Book]:
        books: list[Book] = []
        offset: object = None
        while True:
            body = {
                "filter": {
                    "must": [{"key": stored.KIND, "match": {"value": stored.KIND_BOOK}}],
                },
                "limit": _CATALOGUE_PAGE,
                "offset": offset,
                "with_payload": {"include": [stored.LIVE, stored.PREVIOUS]},
            }
            page = await self._rest.post(
                f"{self._path}/points/scroll", body, timeout_s=self._limit_s
            )
            if page is None:
                return ()
            editions = (stored.editions_from_json(point["payload"]) for point in page["points"])
            books += [edition.live for edition in editions if edition.live is not None]
            offset = page["next_page_offset"]
            if offset is None:
                return books

    async def _verify(self) -> None:
        async with bounded(_CONTROL_LIMIT_S):
            info = await self._rest.get(self._path, timeout_s=_CONTROL_LIMIT_S)
            if info is not None:
                self._identity.require_collection(info["config"], self._collection)
                sparse: Mapping[str, Any] = info["config"]["params"].get("sparse_vectors") or {}
                self._has_terms = stored.TERMS in sparse
                self._is_verified = True


def _hits(points: Sequence[Mapping[str, Any]]) -> list[Hit]:
    return stored.payloads_to_hits([p["payload"] for p in points], map(_SCORE, points))


def _not_worse_than(points: Sequence[Mapping[str, Any]], limit: int) -> Sequence[Mapping[str, Any]]:
    """Return those of the points (best first) that may be among the `limit` best: ties included."""
    if len(points) <= limit:
        return points
    least = points[limit - 1]["score"]
    return points[: bisect_right(points, -least, limit, key=lambda point: -point["score"])]


@contextlib.asynccontextmanager
async def bounded(limit_s: float) -> AsyncGenerator[None]:
    """Bound all that is inside, waiting for another caller's request included, and translate it.

    An answer without a key that every Qdrant sends is from something that is not Qdrant.
    """
    try:
        async with asyncio.timeout(limit_s):
            yield
    except (KeyError, TypeError, AttributeError) as exc:
        raise RetrievalUnavailable("Qdrant's answer cannot be read") from exc
    except TimeoutError as exc:
        raise RetrievalUnavailable(f"Qdrant did not answer within {limit_s:.2g} seconds") from exc
