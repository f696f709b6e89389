"""The points of editions in a server's collection: written, copied, counted, removed."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
from qdrant_client import AsyncQdrantClient, models

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.batching import batches
from proxy.adapters.qdrant.client import PAGE, match, translated
from proxy.adapters.qdrant.naming import (
    chunk_point_id,
    edition_key,
    lexicon_point_id,
    manifest_point_id,
)
from proxy.corpus import Book, Chunk, Manifest
from proxy.errors import RetrievalUnavailable
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector

# Values in one filter; Qdrant looks each of them up in its payload index.
_FILTER_VALUES: Final = 500
_OF_EDITIONS: Final = (stored.KIND_CHUNK, stored.KIND_MANIFEST, stored.KIND_LEXICON)


class EditionPoints:
    """The points of one edition: its chunks and, once it is complete, its manifest.

    All methods raise RetrievalUnavailable when the server fails.
    """

    def __init__(self, client: AsyncQdrantClient, collection: str, book: Book) -> None:
        self._client = client
        self._collection = collection
        self._book = book
        self._key = edition_key(book.book_id, book.edition)

    async def copy_from(self, source: "EditionPoints", document_ids: Collection[str]) -> None:
        """Store the chunks that another edition has of these documents, with their vectors."""
        for ids in batches(document_ids, _FILTER_VALUES):
            async for page in source.pages(match(stored.DOCUMENT_ID, ids)):
                await self._upsert(
                    (stored.moved_to_edition(payload, self._key), vector)
                    for payload, vector in page
                )

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """Store chunks with their vectors."""
        points = zip(chunks, vectors, strict=True)
        for batch in batches(points, PAGE):
            await self._upsert(
                (stored.chunk_to_payload(chunk, self._key), vector.tolist())
                for chunk, vector in batch
            )

    async def vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return the vectors of the chunks with these text hashes."""
        found: dict[str, FloatVector] = {}
        for hashes in batches(text_hashes, _FILTER_VALUES):
            async for page in self.pages(match(stored.TEXT_HASH, hashes)):
                found.update(
                    (payload[stored.TEXT_HASH], np.asarray(vector, dtype=np.float32))
                    for payload, vector in page
                )
        return found

    async def text_hashes(self, document_ids: Collection[str]) -> set[str]:
        """Return the text hashes of the chunks of these documents."""
        found: set[str] = set()
        for ids in batches(document_ids, _FILTER_VALUES):
            conditions = [match(stored.DOCUMENT_ID, ids)]
            async for records in self._scroll(conditions, with_vectors=False):
                found.update((record.payload or {})[stored.TEXT_HASH] for record in records)
        return found

    async def find(self, vector: FloatVector, limit: int) -> list[str]:
        """Return the documents of the nearest chunks, best first."""
        mine = models.Filter(
            must=[match(stored.EDITION, self._key), match(stored.KIND, stored.KIND_CHUNK)]
        )
        async with translated():
            found = await self._client.query_points(
                self._collection,
                query=vector.tolist(),
                using=stored.VECTOR,
                query_filter=mine,
                limit=limit,
                with_payload=[stored.DOCUMENT_ID],
            )
        payloads = [hit.payload or {} for hit in found.points]
        return list(dict.fromkeys(payload[stored.DOCUMENT_ID] for payload in payloads))

    async def pages(
        self, condition: models.FieldCondition
    ) -> AsyncGenerator[list[tuple[dict[str, Any], list[float]]]]:
        """Yield payloads and vectors of the chunks that meet the condition, a page at a time."""
        async for records in self._scroll([condition], with_vectors=[stored.VECTOR]):
            yield [_contents(record) for record in records]

    async def chunks(self) -> AsyncGenerator[list[Chunk]]:
        """Yield all chunks, a page at a time."""
        async for records in self._scroll([], with_vectors=False):
            yield [stored.payload_to_chunk(record.payload or {}) for record in records]

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of chunks weigh, by chunk id."""
        for batch in batches(weights.items(), PAGE):
            points = [
                models.PointVectors(
                    id=chunk_point_id(self._key, chunk_id),
                    vector={
                        stored.TERMS: models.SparseVector(
                            indices=list(terms.keys()), values=list(terms.values())
                        )
                    },
                )
                for chunk_id, terms in batch
            ]
            async with translated():
                await self._client.update_vectors(self._collection, points, wait=True)

    async def _scroll(
        self, conditions: Sequence[models.FieldCondition], *, with_vectors: list[str] | bool
    ) -> AsyncGenerator[list[models.Record]]:
        wanted = models.Filter(
            must=[
                match(stored.EDITION, self._key),
                match(stored.KIND, stored.KIND_CHUNK),
                *conditions,
            ]
        )
        offset: Any = None
        while True:
            async with translated():
                records, offset = await self._client.scroll(
                    self._collection,
                    scroll_filter=wanted,
                    limit=PAGE,
                    offset=offset,
                    with_vectors=with_vectors,
                )
            if records:
                yield records
            if offset is None:
                return

    async def count(self) -> int:
        """Return the number of chunks."""
        wanted = models.Filter(
            must=[match(stored.EDITION, self._key), match(stored.KIND, stored.KIND_CHUNK)]
        )
        async with translated():
            result = await self._client.count(self._collection, count_filter=wanted, exact=True)
        return result.count

    async def put_manifest(self, manifest: Manifest) -> None:
        """Store what the edition was made from."""
        point = models.PointStruct(
            id=manifest_point_id(self._key),
            vector={},
            payload=stored.manifest_to_payload(manifest, self._book),
        )
        async with translated():
            await self._client.upsert(self._collection, [point], wait=True)

    async def put_lexicon(self, lexicon: Lexicon) -> None:
        """Store what weighs the terms of questions."""
        point = models.PointStruct(
            id=lexicon_point_id(self._key),
            vector={},
            payload=stored.lexicon_to_payload(lexicon, self._book),
        )
        async with translated():
            await self._client.upsert(self._collection, [point], wait=True)

    async def manifest(self) -> Manifest:
        """Return what the edition was made from.

        Raises:
            RetrievalUnavailable: also when there is none.
        """
        async with translated():
            points = await self._client.retrieve(self._collection, [manifest_point_id(self._key)])
        return stored.manifest_from_json((points[0].payload or {}) if points else {})

    async def remove(self) -> None:
        """Remove all of it, and nothing else: another writer may be at work by now."""
        selected = models.Filter(must=[match(stored.EDITION, self._key)])
        async with translated():
            await self._client.delete(
                self._collection,
                points_selector=models.FilterSelector(filter=selected),
                wait=True,
            )

    async def _upsert(self, contents: Any) -> None:
        """Store payloads and vectors; they are durable when this returns."""
        points = [
            models.PointStruct(
                id=chunk_point_id(self._key, payload["chunk_id"]),
                vector={stored.VECTOR: vector},
                payload=payload,
            )
            for payload, vector in contents
        ]
        async with translated():
            await self._client.upsert(self._collection, points, wait=True)


async def all_editions(
    client: AsyncQdrantClient, collection: str
) -> dict[str, stored.BookEditions]:
    """Return which editions there are, by book id.

    Raises:
        RetrievalUnavailable: the server failed.
    """
    found: dict[str, stored.BookEditions] = {}
    offset: Any = None
    while True:
        async with translated():
            records, offset = await client.scroll(
                collection,
                scroll_filter=models.Filter(must=[match(stored.KIND, stored.KIND_BOOK)]),
                limit=PAGE,
                offset=offset,
            )
        for payload in (record.payload or {} for record in records):
            found[payload[stored.BOOK]] = stored.editions_from_json(payload)
        if offset is None:
            return found


async def sweep(
    client: AsyncQdrantClient, collection: str, book_id: str, *, keep: Collection[Book]
) -> None:
    """Remove all points of the book's editions but of those in `keep`.

    Raises:
        RetrievalUnavailable: the server failed.
    """
    kept = [edition_key(book.book_id, book.edition) for book in keep]
    selected = models.Filter(
        must=[match(stored.BOOK, book_id), match(stored.KIND, _OF_EDITIONS)],
        must_not=[match(stored.EDITION, kept)] if kept else None,
    )
    async with translated():
        await client.delete(
            collection, points_selector=models.FilterSelector(filter=selected), wait=True
        )


def _contents(record: models.Record) -> tuple[dict[str, Any], list[float]]:
    """Return a chunk's payload and vector."""
    named: Any = record.vector
    if record.payload is None or not named:
        raise RetrievalUnavailable("A stored passage has no vector")
    return record.payload, named[stored.VECTOR]
