"""Ports in a few lines each, for tests of what decides: they do as told and remember it."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from proxy.corpus import Book, Chunk, Passage
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ports import Embeddings, FloatVector, Grounding, TextRole
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from tests.support.builders import BASE_URL, BOOK


def make_book(book_id: str = BOOK) -> Book:
    """Return a book as an index lists it."""
    return Book(
        book_id=book_id,
        title=book_id.title(),
        edition=f"{book_id}-1",
        base_url=BASE_URL,
        embedding_model="length",
        dimensions=2,
        created_unix_s=1_700_000_000,
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
    """A search as the index was asked for it."""

    books: Collection[str] | None
    limit: int
    remaining_s: float


@dataclass(slots=True)
class ListIndex:
    """An index that finds the passages it was given, whatever is asked."""

    passages: Sequence[Passage] = ()
    book_ids: Sequence[str] = (BOOK,)
    fails_with: ProxyError | None = None
    is_gone: bool = False
    """Whether it cannot even list its books."""
    searches: list[Searched] = field(default_factory=list[Searched])

    async def books(self) -> Sequence[Book]:
        """See `ports.BookIndex.books`."""
        if self.is_gone and self.fails_with is not None:
            raise self.fails_with
        return [make_book(book_id) for book_id in self.book_ids]

    async def search(
        self,
        vector: FloatVector,
        *,
        books: Collection[str] | None,
        limit: int,
        deadline: Deadline,
    ) -> Sequence[Passage]:
        """See `ports.BookIndex.search`."""
        assert vector.shape == (2,)
        self.searches.append(Searched(books, limit, deadline.remaining_s()))
        if self.fails_with is not None:
            raise self.fails_with
        return self.passages[:limit]

    async def chunk(self, chunk_id: str) -> Chunk | None:
        """See `ports.BookIndex.chunk`."""
        found = (p.chunk for p in self.passages if p.chunk.chunk_id == chunk_id)
        return next(found, None)

    async def check(self) -> None:
        """See `ports.BookIndex.check`."""
        if self.fails_with is not None:
            raise self.fails_with


@dataclass(slots=True)
class ScriptedGenerator:
    """A generator that says what it was given, and can fail after it."""

    batches: Sequence[list[ChatEvent]] = ()
    fails_with: ProxyError | None = None
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
            for batch in self.batches:
                yield batch
            if self.fails_with is not None:
                raise self.fails_with
        finally:
            self.closed += 1

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""
