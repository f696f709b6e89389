"""`ports.BatchEmbedder` by Gemini's Batch API: half the price, within a day.

Texts go inline and vectors come back inline, in their order. Only the Gemini API has it: Vertex AI
takes and leaves files in Cloud Storage. A batch that is over is kept by Google for some weeks.

Source: google-genai 3.3 (`batches.py`); https://ai.google.dev/gemini-api/docs/batch-api.
"""

import re
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import orjson

from proxy.adapters.gemini.embedding_wire import EmbeddingOrder, batches, single_request
from proxy.adapters.gemini.profiles import embedding_profile_of
from proxy.adapters.gemini.transport import MAX_BODY_BYTES, GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import ModelNotFound, UpstreamInvalidResponse
from proxy.ports import BatchAnswer, BatchLost
from proxy.queries import FloatVector

MAX_REQUEST_BYTES = 10 * 1024 * 1024
"""Of text. Google takes 20 MB inline, and JSON adds to each text."""
_BYTES_PER_NUMBER = 24
"""Of a vector in JSON, with what stands around it."""
_MAX_TEXTS = 5_000
_TIMEOUT_S = 120.0
"""For one call: an answer may have tens of megabytes."""
_NAME = re.compile(r"batches/[\w.~-]{1,200}")
_OVER = {"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"}


class GeminiBatchEmbedder:
    """Has passages embedded by batches of one model and size."""

    def __init__(self, transport: GeminiTransport, *, model: str, dimensions: int) -> None:
        self._transport = transport
        self._order = EmbeddingOrder(model, embedding_profile_of(model), dimensions, "document")
        self.max_texts = min(_MAX_TEXTS, MAX_BODY_BYTES // (dimensions * _BYTES_PER_NUMBER))

    def portions(self, texts: Sequence[str]) -> Sequence[Sequence[str]]:
        """See `ports.BatchEmbedder.portions`."""
        return batches(texts, self.max_texts, MAX_REQUEST_BYTES)

    async def submit(self, texts: Sequence[str]) -> str:
        """See `ports.BatchEmbedder.submit`."""
        requests = [{"request": single_request(self._order, text)} for text in texts]
        batch = {
            "displayName": f"book-proxy: {len(texts)} passages",
            "inputConfig": {"requests": {"requests": requests}},
        }
        # Never twice: a batch that was begun is paid for, whether its name arrived or not.
        reply = await self._transport.call(
            self._order.model,
            "asyncBatchEmbedContent",
            orjson.dumps({"batch": batch}),
            Deadline.after(_TIMEOUT_S),
            retries=False,
        )
        name = reply.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _unreadable()
        return name

    async def answer(self, name: str, texts: int) -> BatchAnswer | None:
        """See `ports.BatchEmbedder.answer`."""
        try:
            reply = await self._transport.resource(name, Deadline.after(_TIMEOUT_S))
        except ModelNotFound as exc:
            raise BatchLost(f"The upstream knows no batch '{name}' (any more).") from exc
        try:
            return self._read(name, reply, texts)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
            raise _unreadable() from exc

    def _read(self, name: str, reply: dict[str, Any], texts: int) -> BatchAnswer | None:
        metadata: dict[str, Any] = reply.get("metadata") or {}
        state = str(metadata.get("state", "")).removeprefix("BATCH_STATE_")
        if state not in _OVER and not reply.get("done"):
            return None
        output: dict[str, Any] = metadata.get("output") or reply.get("response") or {}
        if state in _OVER - {"SUCCEEDED"} or "error" in reply or not output:
            raise BatchLost(f"The batch '{name}' ended as {state.lower() or 'failed'}.")
        answers: list[dict[str, Any]] = output["inlinedResponses"]["inlinedResponses"]
        if len(answers) != texts:
            raise _unreadable()
        made = [cast("dict[str, Any]", one.get("response") or {}) for one in answers]
        vectors = [self._vector(one.get("embedding")) for one in made]
        return BatchAnswer(vectors, sum(int(one.get("tokenCount") or 0) for one in made))

    def _vector(self, embedding: dict[str, Any] | None) -> FloatVector | None:
        """Return the unit vector of one answer, None where the text failed."""
        if embedding is None:
            return None
        vector = np.array(embedding["values"], np.float64)
        norm = float(np.linalg.norm(vector))
        if vector.shape != (self._order.dimensions,) or not np.isfinite(norm) or norm <= 0:
            raise _unreadable()
        return (vector / norm).astype(np.float32)


def _unreadable() -> UpstreamInvalidResponse:
    return UpstreamInvalidResponse("The upstream's answer about a batch cannot be read.")
