"""An empty book index of either kind with its writer, and small books to put into it."""

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import numpy as np
from qdrant_client import AsyncQdrantClient

from proxy.adapters.cache.index import CachedIndex
from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.server_index import ServerIndex
from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from proxy.corpus import Book, Chunk, DocumentRecord, Manifest, Passage
from proxy.deadline import Deadline
from proxy.ingest.terms import index_terms
from proxy.lexical.bm25 import question_weights
from proxy.lexical.questions import question_terms
from proxy.ports import BookIndex, EditionDraft, FloatMatrix, IndexWriter
from proxy.queries import FloatVector, IndexQuery, Where
from tests.support.builders import make_chunk
from tests.support.waiting import LONG_ENOUGH_S, ample_time

IDENTITY = IndexIdentity(model="tests/Mini v1", dimensions=8)


class Reader(BookIndex, Protocol):
    """What both indexes offer their owner beside the port."""

    async def open(self) -> None:
        """Check what is there."""
        ...

    async def refresh(self) -> None:
        """See what was published until now."""
        ...


@dataclass(frozen=True)
class BookStore:
    """An index and the writer that tells it of changes."""

    index: Reader
    writer: IndexWriter
    new_reader: Callable[[IndexIdentity], AbstractAsyncContextManager[Reader]]
    """A further reader, not opened, whom nobody tells anything."""
    new_writer: Callable[[IndexIdentity], AbstractAsyncContextManager[IndexWriter]]
    """A further writer, as another process would have."""
    place: str
    """The collection, or the folder."""
    stored: Callable[[], Awaitable[set[str]]]
    """Names of the editions of which anything at all is stored."""

    async def publish(
        self,
        book_id: str,
        texts: Mapping[str, str],
        *,
        edition: str | None = None,
        language: str = "en",
    ) -> Book:
        """Publish an edition with one chunk for each text, which stand by document id."""
        async with self.draft(book_id, edition=edition) as draft:
            chunks = chunks_of(book_id, texts)
            await draft.add(chunks, vectors_of(chunks))
            lexicon = await index_terms(draft, language)
            return await draft.publish(manifest_of(chunks), language=language, lexicon=lexicon)

    def draft(
        self, book_id: str, *, edition: str | None = None
    ) -> AbstractAsyncContextManager[EditionDraft]:
        """Begin an edition."""
        return self.writer.draft(book_id, title=book_id.title(), base_url=None, edition=edition)

    async def search(
        self, text: str = "anything", *, books: Collection[str] | None = None, limit: int = 10
    ) -> Sequence[Passage]:
        """Search for what is near to a text."""
        return await nearest(self.index, vector_of(text), books=books, limit=limit)

    async def search_words(self, text: str, where: Where | None = None) -> Sequence[Passage]:
        """Search for the words of a text in all books together."""
        books = await self.index.books()
        deadline = ample_time()
        lexicons = [await self.index.lexicon(book, deadline=deadline) for book in books]
        counts = question_terms(text, "en")
        asked = question_weights(counts, [lexicon for lexicon in lexicons if lexicon is not None])
        return await _read(self.index, IndexQuery(asked.weights, where or Where(), 20), deadline)

    async def chunk(self, chunk_id: str) -> Chunk | None:
        """Return a chunk of a live edition."""
        return (await self.index.read([chunk_id], deadline=ample_time())).get(chunk_id)

    async def texts(self, *, books: Collection[str] | None = None) -> set[str]:
        """Return the texts of all that can be found."""
        return {p.chunk.text for p in await self.search(books=books, limit=1000)}


async def nearest(
    index: BookIndex,
    vector: FloatVector,
    *,
    books: Collection[str] | None = None,
    limit: int = 10,
    deadline: Deadline | None = None,
) -> Sequence[Passage]:
    """Search for what is near to a vector, and read it."""
    deadline = deadline or ample_time()
    return await _read(index, IndexQuery(vector, Where(books=books), limit), deadline)


async def _read(index: BookIndex, query: IndexQuery, deadline: Deadline) -> Sequence[Passage]:
    (hits,) = await index.find([query], deadline=deadline)
    ids, found_in = [hit.chunk_id for hit in hits], {hit.book for hit in hits}
    chunks = await index.read(ids, deadline=deadline, books=found_in)
    return [Passage(chunks[h.chunk_id], h.score) for h in hits if h.chunk_id in chunks]


def chunks_of(book_id: str, texts: Mapping[str, str]) -> list[Chunk]:
    """Return one chunk for each text; the keys are document ids."""
    return [
        make_chunk(text, book=book_id, document_id=name, anchor="", base_url=None)
        for name, text in texts.items()
    ]


def vector_of(text: str, dimensions: int = IDENTITY.dimensions) -> FloatVector:
    """Return a unit vector, the same for the same text and far from those of others."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    vector = np.random.default_rng(seed).normal(size=dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def vectors_of(chunks: Sequence[Chunk]) -> FloatMatrix:
    """Return the vectors of the chunks' texts."""
    return np.stack([vector_of(chunk.text) for chunk in chunks])


def manifest_of(chunks: Sequence[Chunk], recipe: str = "r1") -> Manifest:
    """Return the manifest of an edition of these chunks."""
    counts: dict[str, int] = {}
    for chunk in chunks:
        counts[chunk.document_id] = counts.get(chunk.document_id, 0) + 1
    documents = {name: DocumentRecord(f"hash of {name}", count) for name, count in counts.items()}
    return Manifest(recipe, documents)


class _Remembering(CachedIndex):
    """A reader whose index keeps what it read."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.open = reader.open
        self.refresh = reader.refresh


def remembering(store: BookStore) -> BookStore:
    """Return a store whose indexes keep what they read."""

    @contextlib.asynccontextmanager
    async def new_reader(identity: IndexIdentity) -> AsyncGenerator[Reader]:
        async with store.new_reader(identity) as reader:
            yield _Remembering(reader)

    return replace(store, index=_Remembering(store.index), new_reader=new_reader)


@contextlib.asynccontextmanager
async def embedded_store(root: Path) -> AsyncGenerator[BookStore]:
    """Make an embedded index."""

    @contextlib.asynccontextmanager
    async def new_reader(identity: IndexIdentity) -> AsyncGenerator[Reader]:
        index = EmbeddedIndex(root, identity, limit_s=LONG_ENOUGH_S)
        try:
            yield index
        finally:
            await index.close()

    @contextlib.asynccontextmanager
    async def new_writer(identity: IndexIdentity) -> AsyncGenerator[IndexWriter]:
        yield EmbeddedIndexWriter(root, identity)

    async def stored() -> set[str]:
        folders = await asyncio.to_thread(lambda: list(root.glob("books/*/editions/*")))
        return {folder.name for folder in folders}

    async with EmbeddedIndex(root, IDENTITY, limit_s=LONG_ENOUGH_S) as index:
        writer = EmbeddedIndexWriter(root, IDENTITY, on_change=index.refresh)
        yield BookStore(index, writer, new_reader, new_writer, str(root), stored)


@contextlib.asynccontextmanager
async def server_store(url: str) -> AsyncGenerator[BookStore]:
    """Make an index on a Qdrant server, in a collection of its own that goes when it does."""
    collection = IDENTITY.collection(f"test-{uuid.uuid4().hex}")
    place: dict[str, Any] = {"url": url, "api_key": None, "collection": collection}

    @contextlib.asynccontextmanager
    async def new_writer(identity: IndexIdentity) -> AsyncGenerator[IndexWriter]:
        async with ServerIndexWriter(**place, identity=identity, settle_s=0) as writer:
            yield writer

    async with aiohttp.ClientSession() as session, _client(url) as client:

        @contextlib.asynccontextmanager
        async def new_reader(identity: IndexIdentity) -> AsyncGenerator[Reader]:
            yield ServerIndex(session, **place, identity=identity, limit_s=LONG_ENOUGH_S)

        async def stored() -> set[str]:
            if not await client.collection_exists(collection):
                return set()
            records, _ = await client.scroll(collection, limit=10_000)
            keys = [(record.payload or {}).get("edition") for record in records]
            return {key.partition("/")[2] for key in keys if key is not None}

        index = ServerIndex(session, **place, identity=IDENTITY, limit_s=LONG_ENOUGH_S)
        await index.open()
        writing = ServerIndexWriter(**place, identity=IDENTITY, on_change=index.refresh, settle_s=0)
        try:
            async with writing as writer:
                yield BookStore(index, writer, new_reader, new_writer, collection, stored)
        finally:
            await client.delete_collection(collection)


@contextlib.asynccontextmanager
async def _client(url: str) -> AsyncGenerator[AsyncQdrantClient]:
    client = AsyncQdrantClient(url=url, check_compatibility=False, timeout=LONG_ENOUGH_S)
    try:
        yield client
    finally:
        await client.close()
