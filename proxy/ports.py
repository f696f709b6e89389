"""What the core asks of the outside world; each port has two real implementations.

The docstrings are the contract and `tests/contract` holds every implementation to it.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from proxy.corpus import Book, Chunk, Manifest, Passage
from proxy.deadline import Deadline
from proxy.lexical.bm25 import Lexicon, TermWeights
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.queries import FloatVector, Hit, IndexQuery

FloatMatrix = NDArray[np.float32]
"""Shape (n, dimensions), each row of unit length."""

TextRole = Literal["query", "document", "unspecified"]
"""What a text is for; some models embed questions and passages differently."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """What the book says to a question, beside the request that already carries it as text."""

    question: str
    passages: tuple[Passage, ...]
    """In the order of their numbers: `[n]` is `passages[n - 1]`."""
    was_searched: bool = True
    """False when the book could not be searched: then no passages mean nothing."""
    nearby: tuple[Passage, ...] = ()
    """Where nothing fits: what comes closest, for its titles only."""
    effort: str | None = None
    """How much thinking is enough, in OpenAI's words, where the client says nothing of it; a model
    that thinks no more than that by itself is left alone."""


class ChatGenerator(Protocol):
    """Answers a chat."""

    def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events in batches, never empty: what is known to have come together.

        `model` is the resolved upstream name. Messages in `request` are complete: `grounding` only
        repeats in structured form what they hold. The last events are one `Finish` per choice and
        one `Usage`; an answer that ends without them raises instead. Where another model answers,
        `AnsweredBy` is the first event of all. Nothing is retried once an event was yielded.
        Closing the generator closes the upstream call at once.

        Raises:
            ProxyError: the upstream refused, failed or took too long.
        """
        ...

    async def check(self) -> None:
        """Return when the upstream is usable as configured, without spending tokens.

        Raises:
            ProxyError: with the reason.
        """
        ...


class ImageFetcher(Protocol):
    """Gets images that a chat names by their web address, where the operator allows it."""

    async def fetch_image(self, url: str, *, deadline: Deadline) -> tuple[bytes, str]:
        """Return the image and its media type: png, jpeg, webp, heic or heif, at most 10 MB.

        Only the public internet is reached. `url` is a client's, well-formed or not.

        Raises:
            InvalidRequest: the URL is not allowed (`code="invalid_image_url"`), nothing came from
                it in time (the same), or no such image (`code="invalid_image_format"`). Without
                `param`, which the caller knows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors in the order of their texts."""

    vectors: FloatMatrix
    tokens: int
    """Tokens read, estimated where the upstream does not say."""


class Embedder(Protocol):
    """Turns text into vectors."""

    @property
    def model(self) -> str:
        """Name of the model, part of the collection's name."""
        ...

    @property
    def dimensions(self) -> int:
        """Size of the vectors the index is made of."""
        ...

    @property
    def relevance_floor(self) -> float:
        """Cosine similarity below which a passage has nothing to do with a question."""
        ...

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """Return one unit vector per text, in order.

        Texts longer than the model reads are cut. `dimensions` and `model` default to those of the
        index; `/v1/embeddings` asks for others.

        Raises:
            InvalidRequest: `dimensions` the model does not offer (`param="dimensions"`).
            ProxyError: the upstream refused, failed or took too long.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model reads in `text`, exactly or by estimate; no I/O."""
        ...


class BookIndex(Protocol):
    """Searches the live editions of all books made with one embedding model."""

    async def books(self) -> Sequence[Book]:
        """Return the live edition of every book, ordered by id.

        Raises:
            RetrievalUnavailable: the store cannot be reached.
        """
        ...

    async def lexicon(self, book: Book, *, deadline: Deadline) -> Lexicon | None:
        """Return what weighs the terms of a question in this edition.

        None where the edition has no terms to be found by: it was made before they were indexed, or
        somebody else filled the store.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def find(
        self, queries: Sequence[IndexQuery], *, deadline: Deadline
    ) -> Sequence[Sequence[Hit]]:
        """Return for each query, in order, its `limit` best chunks, best first.

        All queries make one trip. Ids that are not there find nothing, nor does a query by terms in
        an edition without them. Ties are broken by chunk id, so that equal queries give equal
        answers. Never blocks the event loop.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def read(
        self,
        chunk_ids: Collection[str],
        *,
        deadline: Deadline,
        books: Collection[str] | None = None,
    ) -> Mapping[str, Chunk]:
        """Return chunks by their ids, from the live editions of `books` (None: of all).

        Ids that are not there are left out.

        Raises:
            RetrievalUnavailable: the store failed or the deadline passed.
        """
        ...

    async def check(self) -> None:
        """Return when searching works.

        Raises:
            RetrievalUnavailable: with the reason.
        """
        ...


class Reranker(Protocol):
    """Puts passages in the order in which they answer a question."""

    async def order(
        self, question: str, texts: Sequence[str], *, deadline: Deadline
    ) -> Sequence[int]:
        """Return indices of `texts`, the best first; what is left out stays behind, as it was.

        Raises:
            ProxyError: it failed, or did not answer within its own limit.
        """
        ...


class EditionDraft(Protocol):
    """An edition being made; readers see nothing of it before `publish`."""

    async def carry_over(self, document_ids: Collection[str]) -> None:
        """Take the chunks of these documents, with their vectors, from the live edition."""
        ...

    async def known_vectors(self, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return vectors that the live edition holds for texts with these `Chunk.text_hash`es."""
        ...

    async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
        """Store chunks and their vectors (row i belongs to chunk i); durable when it returns."""
        ...

    def chunks(self) -> AsyncGenerator[Sequence[Chunk]]:
        """Yield all chunks stored or taken over so far, a page at a time, in any order."""
        ...

    async def add_weights(self, weights: Mapping[str, TermWeights]) -> None:
        """Store what the terms of chunks weigh, by chunk id; durable when `publish` returns."""
        ...

    async def publish(self, manifest: Manifest, *, language: str, lexicon: Lexicon | None) -> Book:
        """Make this edition the live one in one atomic step and return it.

        `lexicon` None: its chunks have no weights, and are found by meaning alone.

        The edition that was live before is kept for `IndexWriter.rollback`, older ones are removed.
        """
        ...


class IndexWriter(Protocol):
    """Changes which editions there are. One writer per book at a time."""

    async def book(self, book_id: str) -> Book | None:
        """Return the live edition of a book, None for an unknown one."""
        ...

    async def manifest(self, book_id: str) -> Manifest | None:
        """Return the live edition's manifest, None for an unknown book."""
        ...

    def draft(
        self, book_id: str, *, title: str, base_url: str | None, edition: str | None
    ) -> AbstractAsyncContextManager[EditionDraft]:
        """Begin an edition; left without `publish`, nothing of it remains.

        `edition` None makes a name from the time.

        Raises:
            Conflict: another process is writing this book.
        """
        ...

    async def delete(self, book_id: str) -> bool:
        """Remove a book with all its editions; False where there was none."""
        ...

    async def rollback(self, book_id: str) -> Book:
        """Make the previous edition live again (and this one the previous).

        Raises:
            NotFound: no such book, or it has no previous edition.
        """
        ...
