"""The fake Gemini's Batch API for embeddings: batches that are over when a test says so.

`fake.reply_by(batches.reply)` has the fake use it; answers have the form that google-genai 3.3
reads (`tests/oracle/test_batches.py` has it read them).
"""

from dataclasses import dataclass, field
from typing import Any

from tests.support import gemini_errors as errors
from tests.support import gemini_events as events
from tests.support.gemini_replies import Reply, json_body
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_vectors import embedding

_OPERATION = "asyncBatchEmbedContent"


@dataclass(slots=True)
class Batch:
    """One batch that was sent."""

    model: str
    requests: list[dict[str, Any]]
    asked: int = 0
    """How often somebody looked whether it is over."""

    @property
    def texts(self) -> list[str]:
        """What is to be embedded, in order."""
        return [one["content"]["parts"][0]["text"] for one in self.requests]


@dataclass(slots=True)
class GeminiBatches:
    """All batches of a fake."""

    looks: int = 0
    """How often one has to look before a batch is over."""
    is_held: bool = False
    """Whether no batch is ever over."""
    ends_as: str = "SUCCEEDED"
    refused_texts: set[str] = field(default_factory=set[str])
    """Texts that are answered with an error."""
    batches: dict[str, Batch] = field(default_factory=dict[str, Batch])

    def reply(self, request: RecordedRequest) -> Reply | None:
        """Answer what is about batches."""
        if request.operation == _OPERATION:
            name = f"batches/fake-{len(self.batches) + 1}"
            sent = request.json["batch"]["inputConfig"]["requests"]["requests"]
            batch = Batch(request.model, [one["request"] for one in sent])
            self.batches[name] = batch
            return json_body(self._shown(name, batch, "PENDING"))
        _, _, name = request.path.partition("/v1beta/")
        if request.method != "GET" or not name.startswith("batches/"):
            return None
        batch = self.batches.get(name)
        if batch is None:
            return errors.Status(404, f"{name} is not found.")
        batch.asked += 1
        if self.is_held or batch.asked <= self.looks:
            return json_body(self._shown(name, batch, "RUNNING"))
        shown = self._shown(name, batch, self.ends_as)
        if self.ends_as == "SUCCEEDED":
            answers = [self._answer(batch.model, one) for one in batch.requests]
            shown["metadata"]["output"] = {"inlinedResponses": {"inlinedResponses": answers}}
        return json_body({**shown, "done": True})

    def _shown(self, name: str, batch: Batch, state: str) -> dict[str, Any]:
        metadata = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.EmbedContentBatch",
            "model": f"models/{batch.model}",
            "displayName": "fake",
            "createTime": "2026-11-20T06:20:04.123456789Z",
            "batchStats": {"requestCount": str(len(batch.requests))},
            "state": f"BATCH_STATE_{state}",
            "name": name,
        }
        return {"name": name, "metadata": metadata}

    def _answer(self, model: str, request: dict[str, Any]) -> dict[str, Any]:
        text: str = request["content"]["parts"][0]["text"]
        if text in self.refused_texts:
            return {"error": {"code": 3, "message": "The fake was told to refuse it."}}
        values = embedding(text, model=model, dimensions=request["outputDimensionality"])
        tokens = str(events.tokens_of(text))
        return {"response": {"embedding": {"values": values}, "tokenCount": tokens}}
