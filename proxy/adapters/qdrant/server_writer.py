"""`ports.IndexWriter` on a Qdrant server: editions beside each other in one collection.

A draft's points carry an edition that the catalogue does not name, so nobody sees them; publishing
is one update of the book's catalogue entry. Whatever is killed in between, the next draft of the
book removes.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from qdrant_client import AsyncQdrantClient

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.changes import OnChange, nobody_to_tell
from proxy.adapters.qdrant.client import collection_info, ensure_collection, make_client
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.lease import LEASE_S, Lease
from proxy.adapters.qdrant.naming import edition_name
from proxy.adapters.qdrant.server_index import CATALOGUE_TTL_S
from proxy.adapters.qdrant.server_points import EditionPoints, all_editions, sweep
from proxy.corpus import Book, Chunk, Manifest, check_book_id, check_edition
from proxy.errors import NotFound, RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector
from proxy.telemetry.logs import log

# A reader may have asked for the catalogue just before a change, and search by it a TTL later.
SETTLE_S: Final = CATALOGUE_TTL_S + 1.0


class ServerIndexWriter:
    """Changes the books on a Qdrant server.

    `on_change` is awaited after every change that readers should see at once. An edition is removed
    no sooner than `settle_s` after it stopped being the live one.
    """

    def __init__(
        self,
        *,
        url: str,
        api_key: str | None,
        collection: str,
        identity: IndexIdentity,
        on_change: OnChange = nobody_to_tell,
        settle_s: float = SETTLE_S,
        lease_s: float = LEASE_S,
    ) -> None:
        self._client = make_client(url, api_key, timeout_s=30)
        self._collection = collection
        self._identity = identity
        self._on_change = on_change
        self._settle_s = settle_s
        self._lease_s = lease_s

    async def __aenter__(self) -> Self:
        """Return the writer, which connects when it is first used."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Close the connections."""
        await self._client.close()

    async def book(self, book_id: str) -> Book | None:
        """See `ports.IndexWriter.book`."""
        check_book_id(book_id)
        if not await self._exists():
            return None
        editions = (await all_editions(self._client, self._collection)).get(book_id)
        return None if editions is None else editions.live

    async def manifest(self, book_id: str) -> Manifest | None:
        """See `ports.IndexWriter.manifest`."""
        live = await self.book(book_id)
        if live is None:
            return None
        return await EditionPoints(self._client, self._collection, live).manifest()

    @contextlib.asynccontextmanager
    async def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AsyncGenerator["ServerDraft"]:
        """See `ports.IndexWriter.draft`."""
        check_book_id(book_id)
        if edition is not None:
            check_edition(edition)
        has_terms = await ensure_collection(self._client, self._collection, self._identity)
        if not has_terms:
            log.warning(
                "collection_without_terms",
                collection=self._collection,
                hint="made before search by words: books in it are found by meaning alone; delete "
                "it, or choose another QDRANT_COLLECTION, and ingest again",
            )
        lease = self._lease(book_id)
        async with lease.held() as editions:
            await sweep(self._client, self._collection, book_id, keep=editions.all())
            known = await all_editions(self._client, self._collection)
            taken = {book.edition for other in known.values() for book in other.all()}
            book = Book(
                book_id=book_id,
                title=title,
                edition=edition_name(edition, taken=taken),
                base_url=base_url,
                embedding_model=self._identity.model,
                dimensions=self._identity.dimensions,
                created_unix_s=int(time.time()),
            )
            draft = ServerDraft(
                _Workplace(self._client, self._collection, lease, self._on_change, self._settle_s),
                book,
                editions,
                has_terms=has_terms,
            )
            try:
                yield draft
            finally:
                if not draft.is_published:
                    await asyncio.shield(draft.discard())

    async def delete(self, book_id: str) -> bool:
        """See `ports.IndexWriter.delete`."""
        check_book_id(book_id)
        if not await self._exists():
            return False
        lease = self._lease(book_id)
        async with lease.held() as editions:
            if editions.live is not None:
                # Out of the catalogue first: from here on nobody sees it. An entry without an
                # edition goes when the lease does.
                await lease.write(stored.editions_to_json(stored.BookEditions()))
                await self._on_change()
            await sweep(self._client, self._collection, book_id, keep=())
        return editions.live is not None

    async def rollback(self, book_id: str) -> Book:
        """See `ports.IndexWriter.rollback`."""
        check_book_id(book_id)
        if not await self._exists():
            raise NotFound(f"There is no book {book_id!r}", param="book")
        lease = self._lease(book_id)
        async with lease.held() as editions:
            if editions.live is None:
                raise NotFound(f"There is no book {book_id!r}", param="book")
            if editions.previous is None:
                raise NotFound(f"Book {book_id!r} has no previous edition", param="book")
            swapped = stored.BookEditions(live=editions.previous, previous=editions.live)
            await lease.write(stored.editions_to_json(swapped))
            await self._on_change()
            return replace(editions.previous, previous_edition=editions.live.edition)

    async def _exists(self) -> bool:
        return await collection_info(self._client, self._collection, self._identity) is not None

    def _lease(self, book_id: str) -> Lease:
        return Lease(self._client, self._collection, book_id, length_s=self._lease_s)


@dataclass(frozen=True, slots=True)
class _Workplace:
    """What a draft works with."""

    client: AsyncQdrantClient
    collection: str
    lease: Lease
    on_change: OnChange
    settle_s: float


class ServerDraft:
    """An edition being made on a server; made by `ServerIndexWriter.draft`."""

    def __init__(
        self, place: _Workplace, book: Book, editions: stored.BookEditions, *, has_terms: bool
    ) -> None:
        self._has_terms = has_terms
        self._place = place
        self._book = book
        self._editions = editions
        self._points = self._points_of(book)
        self._live = None if editions.live is None else self._points_of(editions.live)
        self.is_published = False

    async def carry_over(self, document_ids: Collection[str]) -> None:
        """See `ports.EditionDraft.carry_over`."""
        if self._live is not None:
            await self._points.copy_from(self._live, document_ids)

    async def known_vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """See `ports.EditionDraft.known_vectors`."""
        return {} if self._live is None else await self._live.vectors(text_hashes)

    async def known_texts(self, document_ids: Collection[str]) -> Collection[str]:
        """See `ports.EditionDraft.known_texts`."""
        return () if self._live is None else await self._live.text_hashes(document_ids)

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """See `ports.EditionDraft.add`."""
        await self._points.add(chunks, vectors)

    async def count(self) -> int:
        """See `ports.EditionDraft.count`."""
        return await self._points.count()

    async def find(
        self, vector: FloatVector, *, limit: int, of_live: bool = False
    ) -> Sequence[str]:
        """See `ports.EditionDraft.find`."""
        points = self._live if of_live else self._points
        return [] if points is None else await points.find(vector, limit)

    def chunks(self) -> AsyncGenerator[Sequence[Chunk]]:
        """See `ports.EditionDraft.chunks`."""
        return self._points.chunks()

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """See `ports.EditionDraft.add_weights`."""
        if self._has_terms:
            await self._points.add_weights(weights)

    async def publish(self, manifest: Manifest, *, language: str, lexicon: Lexicon | None) -> Book:
        """See `ports.EditionDraft.publish`."""
        book = replace(
            self._book,
            created_unix_s=int(time.time()),
            documents=len(manifest.documents),
            chunks=await self._points.count(),
            language=language,
        )
        await self._points.put_manifest(manifest)
        if lexicon is not None and self._has_terms:
            await self._points.put_lexicon(lexicon)
        kept = stored.BookEditions(live=book, previous=self._editions.live)
        await self._place.lease.write(stored.editions_to_json(kept))
        self.is_published = True
        await self._place.on_change()
        if self._editions.previous is not None:
            await self._remove_later(self._points_of(self._editions.previous))
        return book

    async def discard(self) -> None:
        """Remove what was stored; when the server is down, the next draft of the book does it."""
        with contextlib.suppress(RetrievalUnavailable):
            await self._points.remove()

    async def _remove_later(self, points: EditionPoints) -> None:
        since_s = time.time() - self._place.lease.changed_unix_s
        await asyncio.sleep(self._place.settle_s - since_s)
        with contextlib.suppress(RetrievalUnavailable):
            await points.remove()

    def _points_of(self, book: Book) -> EditionPoints:
        return EditionPoints(self._place.client, self._place.collection, book)
