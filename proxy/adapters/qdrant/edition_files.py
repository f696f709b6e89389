"""The files of one edition being made in this process; blocking, one call at a time.

What a draft takes from the live edition it reads from a private copy, because the serving process
has the original open. It does not go on writing that copy, but fills a new shard: a shard never
gives back the room of what was deleted from it.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.naming import chunk_point_id, edition_key
from proxy.adapters.qdrant.shard import Shard, copy_shard, seal
from proxy.corpus import Book, Chunk, Manifest
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector, IndexQuery, Where

OPTIMIZE_ABOVE: Final = 20_000
"""Chunks above which a graph pays: up to there a scan of all takes under 2 ms."""


class EditionFiles:
    """Fills the folder of `book`'s edition; all methods raise RetrievalUnavailable."""

    def __init__(
        self, layout: Layout, book: Book, editions: stored.BookEditions, optimize_above: int | None
    ) -> None:
        self._layout = layout
        self._book = book
        self._editions = editions
        self._optimize_above = optimize_above
        self._key = edition_key(book.book_id, book.edition)
        self._target = Shard.create(layout.shard(book), book.dimensions)
        self._source: Shard | None = None
        self._is_published = False

    def carry_over(self, document_ids: Sequence[str]) -> None:
        """Copy the chunks of these documents, with their vectors, from the live edition."""
        source = self._live()
        if source is None:
            return
        for page in source.matching(stored.DOCUMENT_ID, document_ids):
            self._target.upsert(
                [
                    (
                        chunk_point_id(self._key, payload["chunk_id"]),
                        stored.moved_to_edition(payload, self._key),
                        vector,
                    )
                    for payload, vector in page
                ]
            )
        self._target.flush()

    def known_vectors(self, text_hashes: Sequence[str]) -> Mapping[str, FloatVector]:
        """Return the live edition's vectors of texts with these hashes."""
        source = self._live()
        if source is None:
            return {}
        return {
            payload[stored.TEXT_HASH]: np.asarray(vector, dtype=np.float32)
            for page in source.matching(stored.TEXT_HASH, text_hashes)
            for payload, vector in page
        }

    def known_texts(self, document_ids: Sequence[str]) -> set[str]:
        """Return the text hashes of the live edition's chunks of these documents."""
        source = self._live()
        if source is None:
            return set()
        pages = source.matching(stored.DOCUMENT_ID, document_ids)
        return {payload[stored.TEXT_HASH] for page in pages for payload, _ in page}

    def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """Store chunks with their vectors."""
        self._target.upsert(
            [
                (
                    chunk_point_id(self._key, chunk.chunk_id),
                    stored.chunk_to_payload(chunk, self._key),
                    vector.tolist(),
                )
                for chunk, vector in zip(chunks, vectors, strict=True)
            ]
        )
        self._target.flush()

    def count(self) -> int:
        """Return how many chunks are stored."""
        return self._target.count()

    def find(self, vector: FloatVector, limit: int, *, of_live: bool) -> list[str]:
        """Return the documents of the nearest chunks, best first."""
        shard = self._live() if of_live else self._target
        if shard is None:
            return []
        (hits,) = shard.find([IndexQuery(vector, Where(), limit)], [limit])
        return list(dict.fromkeys(payload[stored.DOCUMENT_ID] for payload, _ in hits))

    def pages(self) -> Iterator[Sequence[Chunk]]:
        """Yield all chunks stored so far, a page at a time."""
        for payloads in self._target.all_payloads():
            yield [stored.payload_to_chunk(payload) for payload in payloads]

    def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of chunks weigh."""
        self._target.add_weights(
            {chunk_point_id(self._key, chunk_id): terms for chunk_id, terms in weights.items()}
        )

    def publish(self, manifest: Manifest, language: str, lexicon: Lexicon | None) -> Book:
        """Complete the edition and make it the live one."""
        chunks = self._target.count()
        self._target.index_payload(stored.DOCUMENT_ID, stored.FOLDER, stored.ROUTE)
        self._target.flush()
        if self._optimize_above is not None and chunks > self._optimize_above:
            self._target.optimize()
            self._target.flush()
        self._close_shards()
        seal(self._layout.shard(self._book), self._book.dimensions)
        self._layout.remove_copy(self._book)
        book = replace(
            self._book,
            created_unix_s=int(time.time()),
            documents=len(manifest.documents),
            chunks=chunks,
            language=language,
        )
        self._layout.put_manifest(book, manifest)
        if lexicon is not None:
            self._layout.put_lexicon(book, lexicon)
        kept = stored.BookEditions(live=book, previous=self._editions.live)
        self._layout.put_editions(book.book_id, kept)
        self._is_published = True
        return book

    def remove_older(self) -> None:
        """Remove the edition that was kept for a rollback until now."""
        if self._editions.previous is not None:
            self._layout.remove_edition(self._editions.previous)

    def finish(self) -> None:
        """Remove what was stored unless it was published."""
        if self._is_published:
            return
        self._close_shards()
        self._layout.remove_edition(self._book)
        if self._editions.live is None:
            self._layout.remove_book(self._book.book_id)

    def _live(self) -> Shard | None:
        """Return a copy of the live edition's shard, made when first asked for."""
        if self._source is None and self._editions.live is not None:
            path = self._layout.copy(self._book)
            copy_shard(self._layout.shard(self._editions.live), path)
            self._source = Shard.load(path, self._book.dimensions)
        return self._source

    def _close_shards(self) -> None:
        self._target.close()
        if self._source is not None:
            self._source.close()
            self._source = None
