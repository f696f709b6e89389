"""`ports.Embedder` on Gemini: batches of 100, each vector made a unit vector.

`gemini-embedding-001` tells questions from passages by a task type and reads 2,048 tokens;
`gemini-embedding-2` does so by text prefixes. Below 3,072 dimensions 001 returns vectors of length
0.58, so all are normalised here.
"""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from proxy.adapters.gemini.response import count_in
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, UpstreamInvalidResponse
from proxy.ports import Embeddings, FloatMatrix, TextRole

BATCH_SIZE = 100
"""Gemini's own limit for batchEmbedContents."""

_CONCURRENT_BATCHES = 4
_MIN_DIMENSIONS, _MAX_DIMENSIONS = 128, 3_072
_CHARS_PER_TOKEN = 4
_TASK_TYPES = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}
_PREFIXES = {"query": "task: search result | query: ", "document": "title: none | text: "}
_RELEVANCE_FLOORS = {"gemini-embedding-001": 0.55, "gemini-embedding-2": 0.4}
"""Cautious values: an unrelated text still scores about 0.5 with 001. Tune with PROXY_MIN_SCORE."""


class GeminiEmbedder:
    """Turns texts into vectors with a Gemini embedding model."""

    def __init__(self, transport: GeminiTransport, *, model: str, dimensions: int) -> None:
        self._transport = transport
        self.model = model
        self.dimensions = dimensions
        self.relevance_floor = _RELEVANCE_FLOORS.get(model, 0.5)

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """See `ports.Embedder.embed`; one request per 100 texts, four at a time."""
        model, dimensions = model or self.model, dimensions or self.dimensions
        if not _MIN_DIMENSIONS <= dimensions <= _MAX_DIMENSIONS:
            raise InvalidRequest(
                f"'dimensions' lies between {_MIN_DIMENSIONS} and {_MAX_DIMENSIONS} here.",
                param="dimensions",
            )
        gate = asyncio.Semaphore(_CONCURRENT_BATCHES)

        async def one(batch: Sequence[str]) -> tuple[FloatMatrix, int]:
            async with gate:
                return await self._embed_batch(batch, model, dimensions, role, deadline)

        if not texts:
            return Embeddings(np.zeros((0, dimensions), np.float32), 0)
        batches = [texts[i : i + BATCH_SIZE] for i in range(0, len(texts), BATCH_SIZE)]
        if len(batches) == 1:
            vectors, tokens = await one(batches[0])
            return Embeddings(vectors, tokens)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(batch)) for batch in batches]
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        results = [task.result() for task in tasks]
        return Embeddings(np.concatenate([v for v, _ in results]), sum(n for _, n in results))

    def count_tokens(self, text: str) -> int:
        """Estimate: Gemini's tokenizer is not published; four characters a token."""
        return math.ceil(len(text) / _CHARS_PER_TOKEN)

    async def _embed_batch(
        self,
        texts: Sequence[str],
        model: str,
        dimensions: int,
        role: TextRole,
        deadline: Deadline,
    ) -> tuple[FloatMatrix, int]:
        requests = [_request(text, model, dimensions, role) for text in texts]
        if len(requests) == 1:
            method, body = "embedContent", requests[0]
        else:
            method, body = "batchEmbedContents", {"requests": requests}
        reply = await self._transport.call(model, method, orjson.dumps(body), deadline)
        try:
            found = [reply["embedding"]] if len(requests) == 1 else reply["embeddings"]
            vectors = np.array([item["values"] for item in found], dtype=np.float64)
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise _unreadable() from exc
        if vectors.shape != (len(texts), dimensions):
            raise _unreadable()
        with np.errstate(over="ignore"):  # endless vectors are refused below
            norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(norms)) or not np.all(norms > 0):
            raise _unreadable()
        return (vectors / norms).astype(np.float32), self._tokens(reply, texts)

    def _tokens(self, reply: dict[str, Any], texts: Sequence[str]) -> int:
        counted = count_in(reply.get("usageMetadata"), "promptTokenCount")
        return counted or sum(self.count_tokens(text) for text in texts)


def _request(text: str, model: str, dimensions: int, role: TextRole) -> dict[str, Any]:
    has_task_types = model.startswith("gemini-embedding-001")
    prefix = "" if has_task_types else _PREFIXES.get(role, "")
    request: dict[str, Any] = {
        "model": f"models/{model}",
        "content": {"parts": [{"text": prefix + text or " "}]},  # a part without text is refused
        "outputDimensionality": dimensions,
    }
    if has_task_types and role in _TASK_TYPES:
        request["taskType"] = _TASK_TYPES[role]
    return request


def _unreadable() -> UpstreamInvalidResponse:
    return UpstreamInvalidResponse("The upstream did not return one vector per text.")
