"""What turns text into vectors, and keeps them meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from proxy.deadline import Deadline
from proxy.queries import FloatVector

FloatMatrix = NDArray[np.float32]
"""Shape (n, dimensions), each row of unit length."""

TextRole = Literal["query", "document", "unspecified"]
"""What a text is for; some models embed questions and passages differently."""


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


class VectorJournal(Protocol):
    """Keeps what was embedded for an edition until that is published.

    An ingest that failed, or was killed, is continued by the next one without paying twice. Vectors
    are those of one model and size.
    """

    async def known(self, book_id: str, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return the vectors kept for texts with these `Chunk.text_hash`es."""
        ...

    async def known_texts(self, book_id: str) -> Collection[str]:
        """Return the `Chunk.text_hash`es of all texts of which vectors are kept."""
        ...

    async def add(self, book_id: str, vectors: Mapping[str, FloatVector]) -> None:
        """Keep vectors by `Chunk.text_hash`; durable against the end of this process."""
        ...

    async def clear(self, book_id: str) -> None:
        """Forget a book's vectors: they stand in an edition now."""
        ...
