"""`ports.BookIndex` on a Qdrant server: one collection for all books of one embedding model.

Points of kind `book` are the catalogue; a search is filtered to the live editions it names, so that
drafts and past editions in the same collection are never seen. Never writes.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Any, Final

import aiohttp
import numpy as np

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.catalogue import Catalogue
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.naming import chunk_point_id, edition_key
from proxy.adapters.qdrant.ranking import cosine, next_request_size, ranked
from proxy.adapters.qdrant.rest import QdrantRest
from proxy.corpus import Book, Chunk, Passage
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.ports import FloatVector

CATALOGUE_TTL_S: Final = 2.0
_CATALOGUE_PAGE: Final = 1000
# For what has no deadline of its own and holds up no search: health checks, a passage by its id.
_CONTROL_LIMIT_S: Final = 2.0


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
        self._collection = collection
        self._path = f"collections/{collection}"
        self._identity = identity
        self._limit_s = limit_s
        self._catalogue = Catalogue(self._read_books, ttl_s=catalogue_ttl_s)
        self._is_verified = False

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

    async def search(
        self, vector: FloatVector, *, books: Collection[str] | None, limit: int, deadline: Deadline
    ) -> Sequence[Passage]:
        """See `ports.BookIndex.search`."""
        limit_s = deadline.within(self._limit_s)
        async with _bounded(limit_s):
            keys = [
                edition_key(book.book_id, book.edition)
                for book in await self._catalogue.books()
                if books is None or book.book_id in books
            ]
            if not keys or limit < 1:
                return ()
            found = [
                Passage(stored.payload_to_chunk(hit["payload"]), cosine(hit["score"]))
                for hit in await self._nearest(vector, keys, limit, limit_s)
            ]
        return ranked(found, limit)

    async def chunk(self, chunk_id: str) -> Chunk | None:
        """See `ports.BookIndex.chunk`."""
        async with _bounded(_CONTROL_LIMIT_S):
            ids = [
                chunk_point_id(edition_key(book.book_id, book.edition), chunk_id)
                for book in await self._catalogue.books()
            ]
            if not ids:
                return None
            body = {"ids": ids, "with_payload": {"include": stored.CHUNK_KEYS}}
            points = await self._rest.post(f"{self._path}/points", body, timeout_s=_CONTROL_LIMIT_S)
            return stored.payload_to_chunk(points[0]["payload"]) if points else None

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        try:
            await self._verify()
        except ConfigurationError as exc:
            raise RetrievalUnavailable(str(exc)) from exc
        self._catalogue.forget_failure()

    async def _nearest(
        self, vector: FloatVector, keys: Sequence[str], limit: int, limit_s: float
    ) -> Sequence[Mapping[str, Any]]:
        asked: int | None = limit + 1
        hits: Sequence[Mapping[str, Any]] = ()
        while asked is not None:
            body = {
                "query": np.ascontiguousarray(vector, dtype=np.float32),
                "using": stored.VECTOR,
                "filter": {"must": [{"key": stored.EDITION, "match": {"any": keys}}]},
                "limit": asked,
                "with_payload": {"include": stored.CHUNK_KEYS},
            }
            result = await self._rest.post(f"{self._path}/points/query", body, timeout_s=limit_s)
            hits = [] if result is None else result["points"]
            asked = next_request_size([hit["score"] for hit in hits], asked=asked, limit=limit)
        return hits

    async def _read_books(self) -> Sequence[Book]:
        async with _bounded(self._limit_s):
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
                "with_payload": {"include": [stored.LIVE]},
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
        async with _bounded(_CONTROL_LIMIT_S):
            info = await self._rest.get(self._path, timeout_s=_CONTROL_LIMIT_S)
            if info is not None:
                self._identity.require_collection(info["config"], self._collection)
                self._is_verified = True


@contextlib.asynccontextmanager
async def _bounded(limit_s: float) -> AsyncGenerator[None]:
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
