"""How the fake Gemini answers when a test has not scripted anything.

Sensible rather than clever: it echoes the question, cites `[1]` when the prompt holds numbered
passages, embeds by words, counts characters, and knows a handful of models.
"""

import re
from dataclasses import dataclass
from typing import Any

from tests.support import gemini_errors as errors
from tests.support import gemini_events as events
from tests.support.gemini_replies import Reply, Text, json_body
from tests.support.gemini_requests import (
    EMBEDDING_OPERATIONS,
    GENERATING_OPERATIONS,
    RecordedRequest,
)
from tests.support.gemini_vectors import FULL_DIMENSIONS, embedding
from tests.support.http_wire import Wire

CHAT_MODELS = (
    "gemini-4-argon",
    "gemini-3.8-flash",
    "gemini-3.7-flash",
    "gemini-3.6-flash",
    "gemini-3.5-flash",
    "gemini-3.5-flash-lite",
    "gemini-3.1-pro-preview",
    "gemini-3-flash-preview",
    "gemini-flash-latest",
    "gemini-2.5-flash",
    "gemini-2.5-pro",
)
EMBEDDING_MODELS = ("gemini-embedding-001", "gemini-embedding-2")
MAX_BATCH = 100
"""Texts in one batchEmbedContents; more get 400."""

# A passage begins a line as [1], or is an element that has its number as an attribute.
_NUMBERED = re.compile(r'(?m)^\s*\[(\d+)\]|<passage\b[^>]*?\b\w+="(\d+)"')


def default_reply(request: RecordedRequest) -> Reply:
    """Return the answer to a request nobody has scripted."""
    operation = request.operation
    if operation == "listModels":
        return _model_page(request)
    if not _is_known(request):
        return errors.model_not_found(request)
    if operation in GENERATING_OPERATIONS:
        return Text(_echo(request))
    if operation in EMBEDDING_OPERATIONS:
        return Embedded()
    if operation == "countTokens":
        return json_body({"totalTokens": events.tokens_of(request.all_text)})
    return json_body(_model(request.model))


def _is_known(request: RecordedRequest) -> bool:
    if request.operation in EMBEDDING_OPERATIONS:
        return request.model in EMBEDDING_MODELS
    if request.operation in GENERATING_OPERATIONS:
        return request.model in CHAT_MODELS
    known = (*CHAT_MODELS, *EMBEDDING_MODELS)
    return request.operation in {"countTokens", "getModel"} and request.model in known


def _echo(request: RecordedRequest) -> str:
    lines = [line for line in request.last_user_text.splitlines() if line.strip()]
    question = lines[-1].strip()[:200] if lines else "nothing"
    numbers = {int(a or b) for a, b in _NUMBERED.findall(request.all_text)}
    return f"You asked: {question}{' [1]' if 1 in numbers else ''}"


@dataclass(frozen=True, slots=True)
class Embedded:
    """Answer an embedding request: rightly, or with too few vectors or of a wrong size."""

    missing: int = 0
    """Vectors left out at the end."""
    dimensions: int | None = None
    """Size of the vectors in spite of what was asked for."""

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        await self._reply(request).play(wire, request)

    def _reply(self, request: RecordedRequest) -> Reply:
        texts = request.embedded_texts
        if len(texts) > MAX_BATCH:
            return errors.Status(400, f"At most {MAX_BATCH} requests can be in one batch.")
        vectors = [
            {"values": self._vector(text, request.model, single)}
            for text, single in zip(texts, request.embeds, strict=True)
        ]
        kept = vectors[: len(vectors) - self.missing]
        if request.operation == "predict":
            return json_body({"predictions": [_prediction(*one) for one in zip(kept, texts)]})  # noqa: B905 - some may be missing
        # gemini-embedding-001 reports no usage, its successor does.
        counted = (
            {"usageMetadata": {"promptTokenCount": sum(map(events.tokens_of, texts))}}
            if request.model.endswith("-2")
            else {}
        )
        if request.operation == "embedContent":
            return json_body({"embedding": kept[0] if kept else None, **counted})
        return json_body({"embeddings": kept, **counted})

    def _vector(self, text: str, model: str, single: dict[str, Any]) -> list[float]:
        asked: int = single.get("outputDimensionality") or FULL_DIMENSIONS
        return embedding(text, model=model, dimensions=self.dimensions or asked)


def _prediction(vector: dict[str, Any], text: str) -> dict[str, Any]:
    statistics = {"truncated": False, "token_count": float(events.tokens_of(text))}
    return {"embeddings": {**vector, "statistics": statistics}}


def _model(name: str) -> dict[str, Any]:
    if name in EMBEDDING_MODELS:
        limits = (2_048 if name.endswith("-001") else 8_192, 1)
        methods = ["embedContent", "countTokens"]
    else:
        methods, limits = ["generateContent", "countTokens"], (1_048_576, 65_536)
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name.replace("-", " ").title(),
        "inputTokenLimit": limits[0],
        "outputTokenLimit": limits[1],
        "supportedGenerationMethods": methods,
        **({} if name in EMBEDDING_MODELS else {"thinking": True}),
    }


def _model_page(request: RecordedRequest) -> Reply:
    names = (*CHAT_MODELS, *EMBEDDING_MODELS)
    size = int(request.query.get("pageSize", "50"))
    start = int(request.query.get("pageToken", "0"))
    page: dict[str, Any] = {"models": [_model(name) for name in names[start : start + size]]}
    if start + size < len(names):
        page["nextPageToken"] = str(start + size)
    return json_body(page)
