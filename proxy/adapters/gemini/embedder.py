"""`ports.Embedder` on Gemini: texts in bounded calls side by side, each vector made a unit vector.

Below 3,072 dimensions `gemini-embedding-001` returns vectors of length 0.58, so all are normalised
here.
"""

import asyncio
import math
from collections.abc import Sequence

import numpy as np
import orjson

from proxy.adapters.gemini.embedding_wire import EmbeddingOrder, EmbeddingWire, batches, wire_for
from proxy.adapters.gemini.profiles import embedding_profile_of
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, UpstreamInvalidResponse
from proxy.ports import Embeddings, FloatMatrix, TextRole

_MIN_DIMENSIONS, _MAX_DIMENSIONS = 128, 3_072
_CHARS_PER_TOKEN = 4


class GeminiEmbedder:
    """Turns texts into vectors with a Gemini embedding model."""

    def __init__(self, transport: GeminiTransport, *, model: str, dimensions: int) -> None:
        self._transport = transport
        self.model = model
        self.dimensions = dimensions
        self.relevance_floor = embedding_profile_of(model).relevance_floor

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """See `ports.Embedder.embed`; the first call that fails cancels the others."""
        model, dimensions = model or self.model, dimensions or self.dimensions
        if not _MIN_DIMENSIONS <= dimensions <= _MAX_DIMENSIONS:
            raise InvalidRequest(
                f"'dimensions' lies between {_MIN_DIMENSIONS} and {_MAX_DIMENSIONS} here.",
                param="dimensions",
            )
        if not texts:
            return Embeddings(np.zeros((0, dimensions), np.float32), 0)
        order = EmbeddingOrder(model, embedding_profile_of(model), dimensions, role)
        wire = wire_for(order.profile, is_vertex=self._transport.access.is_vertex)
        runs = batches(texts, wire.max_texts)
        if len(runs) == 1:
            return await self._embed(runs[0], order, wire, deadline)
        gate = asyncio.Semaphore(wire.concurrency)

        async def one(run: Sequence[str]) -> Embeddings:
            async with gate:
                return await self._embed(run, order, wire, deadline)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(run)) for run in runs]
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures.exceptions[0].__cause__
        made = [task.result() for task in tasks]
        return Embeddings(
            np.concatenate([one.vectors for one in made]), sum(one.tokens for one in made)
        )

    def count_tokens(self, text: str) -> int:
        """Estimate; see `estimated_tokens`."""
        return estimated_tokens(text)

    async def _embed(
        self, texts: Sequence[str], order: EmbeddingOrder, wire: EmbeddingWire, deadline: Deadline
    ) -> Embeddings:
        method, body = wire.request(order, texts)
        reply = await self._transport.call(order.model, method, orjson.dumps(body), deadline)
        try:
            vectors = np.array(wire.vectors(reply), dtype=np.float64)
            tokens = wire.tokens(reply)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as exc:
            raise _unreadable() from exc
        if vectors.shape != (len(texts), order.dimensions):
            raise _unreadable()
        return Embeddings(_unit(vectors), tokens or sum(self.count_tokens(t) for t in texts))


def _unit(vectors: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> FloatMatrix:
    with np.errstate(over="ignore"):  # endless vectors are refused below
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(norms)) or not np.all(norms > 0):
        raise _unreadable()
    return (vectors / norms).astype(np.float32)


def _unreadable() -> UpstreamInvalidResponse:
    return UpstreamInvalidResponse("The upstream did not return one vector per text.")


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has: Gemini's tokenizer is not published."""
    return math.ceil(len(text) / _CHARS_PER_TOKEN)
