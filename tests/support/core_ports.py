"""Ports in a few lines each, for tests of what decides: they do as told and remember it."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from proxy.corpus import Book, Chunk, Passage
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.lexical.bm25 import Lexicon, term_id
from proxy.ports import Embeddings, Grounding, TextRole
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.queries import Hit, IndexQuery, Where
from tests.support.builders import BASE_URL, BOOK


def make_book(book_id: str = BOOK, edition: int = 1) -> Book:
    """Return a book as an index lists it."""
    return Book(
        book_id=book_id,
        title=book_id.title(),
        edition=f"{book_id}-{edition}",
        base_url=BASE_URL,
        embedding_model="length",
        dimensions=2,
        created_unix_s=1_700_000_000,
        language="en",
    )


@dataclass(slots=True)
class LengthEmbedder:
    """An embedder whose vectors say nothing but how long a text is; a token is a word."""

    fails_with: ProxyError | None = None
    hangs: bool = False
    asked: list[tuple[list[str], TextRole, float]] = field(
        default_factory=list[tuple[list[str], TextRole, float]]
    )
    """Texts, role and seconds left of every call."""
    model: str = "length"
    dimensions: int = 2
    relevance_floor: float = 0.4

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,  # noqa: ARG002 - the port's
        model: str | None = None,  # noqa: ARG002 - the port's
    ) -> Embeddings:
        """See `ports.Embedder.embed`."""
        self.asked.append((list(texts), role, deadline.remaining_s()))
        if self.fails_with is not None:
            raise self.fails_with
        if self.hangs:
            await asyncio.Event().wait()
        vectors = np.array([[len(text), 1] for text in texts], dtype=np.float32)
        return Embeddings(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), len(texts))

    def count_tokens(self, text: str) -> int:
        """Return the number of words."""
        return len(text.split())


@dataclass(frozen=True, slots=True)
class Searched:
    """A trip to the index as it was asked for."""

    queries: Sequence[IndexQuery]
    remaining_s: float


@dataclass(slots=True)
class ListIndex:
    """An index that finds the passages it was given, whatever is asked; only `where` counts.

    By words it finds nothing unless it has `lexicons`, by book id, and then all of `by_words`.
    """

    passages: Sequence[Passage] = ()
    book_ids: Sequence[str] = (BOOK,)
    fails_with: ProxyError | None = None
    is_gone: bool = False
    """Whether it cannot even list its books."""
    edition: int = 1
    """The live one of every book."""
    searches: list[Searched] = field(default_factory=list[Searched])
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict[str, Lexicon])
    by_words: Sequence[Passage] = ()
    read_ids: list[str] = field(default_factory=list[str])
    """All ids that were asked for."""

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        if self.is_gone and self.fails_with is not None:
            raise self.fails_with
        return [make_book(book_id, self.edition) for book_id in self.book_ids]

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """See `ports.BookIndex.lexicon`."""
        del deadline
        return self.lexicons.get(book.book_id)

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """See `ports.BookIndex.find`."""
        self.searches.append(Searched(queries, deadline.remaining_s()))
        if self.fails_with is not None:
            raise self.fails_with
        return [
            [
                Hit(p.chunk.chunk_id, p.chunk.book, p.chunk.document_id, p.score)
                for p in (self.by_words if isinstance(query.by, Mapping) else self.passages)
                if _is_within(p.chunk, query.where)
            ][: query.limit]
            for query in queries
        ]

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """See `ports.BookIndex.read`."""
        del deadline, books
        self.read_ids += chunk_ids
        chunks = (p.chunk for p in (*self.passages, *self.by_words))
        return {chunk.chunk_id: chunk for chunk in chunks if chunk.chunk_id in chunk_ids}

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        if self.fails_with is not None:
            raise self.fails_with


def _is_within(chunk: Chunk, where: Where) -> bool:
    return (
        (where.books is None or chunk.book in where.books)
        and (where.routes is None or chunk.route in where.routes)
        and (where.document_ids is None or chunk.document_id in where.document_ids)
        and (where.folders is None or chunk.folder in where.folders)
        and (where.anchors is None or chunk.anchor in where.anchors)
    )


@dataclass(slots=True)
class ScriptedGenerator:
    """A generator that says what it was given, and can fail after it."""

    batches: Sequence[list[ChatEvent]] = ()
    fails_with: ProxyError | None = None
    hangs: bool = False
    request: ChatCompletionRequest | None = None
    """What it was asked last; so are `model`, `grounding` and `deadline`."""
    model: str = ""
    grounding: Grounding | None = None
    deadline: Deadline | None = None
    closed: int = 0
    """How many of its streams have come to their end, one way or the other."""

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """See `ports.ChatGenerator.stream`."""
        self.request, self.model = request, model
        self.grounding, self.deadline = grounding, deadline
        try:
            if self.hangs:
                await asyncio.Event().wait()
            for batch in self.batches:
                yield batch
            if self.fails_with is not None:
                raise self.fails_with
        finally:
            self.closed += 1

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""


def make_lexicon(*terms: str, chunks: int = 10) -> Lexicon:
    """Return a lexicon in which each of these terms is in one chunk."""
    numbers = sorted(map(term_id, terms))
    return Lexicon(
        chunks, 5.0, np.array(numbers, np.uint32), np.ones(len(numbers), dtype=np.uint32)
    )
