"""Embedding calls in the three forms Google has them, and their answers; pure.

| where | model | method | texts in one call |
| --- | --- | --- | --- |
| Gemini API | any | `embedContent`, `batchEmbedContents` | 100 |
| Vertex AI | `gemini-embedding-001` | `predict` | 1 |
| Vertex AI | its successors | `embedContent` | 1 |

Source: google-genai 3.3 (`models.py`, `_transformers.py`); one text a call on Vertex AI: Google's
page on text embeddings. A list of texts in one content is one vector for `gemini-embedding-2`, so
every text is a content of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from proxy.adapters.gemini.profiles import EmbeddingProfile
from proxy.ports import TextRole

MAX_BATCH_TEXTS = 100
"""Gemini's own limit for batchEmbedContents."""
MAX_BATCH_BYTES = 80_000
"""Of text: about the 20,000 tokens that Google reads in one call."""

_TASK_TYPES = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}
_PREFIXES = {"query": "task: search result | query: ", "document": "title: none | text: "}

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EmbeddingOrder:
    """What is wanted of some texts."""

    model: str
    profile: EmbeddingProfile
    dimensions: int
    role: TextRole

    @property
    def task_type(self) -> str | None:
        """How the model is told what the texts are for, None where it is not told so."""
        return _TASK_TYPES.get(self.role) if self.profile.has_task_types else None

    def worded(self, text: str) -> str:
        """Return what is sent for `text`: a part without text is refused."""
        prefix = "" if self.profile.has_task_types else _PREFIXES.get(self.role, "")
        return prefix + text or " "


class EmbeddingWire(Protocol):
    """One of the forms."""

    @property
    def max_texts(self) -> int:
        """The most texts that go into one call."""
        ...

    @property
    def concurrency(self) -> int:
        """How many calls of one order are under way at the same time."""
        ...

    def request(self, order: EmbeddingOrder, texts: Sequence[str]) -> tuple[str, JsonObject]:
        """Return the method and the body of a call."""
        ...

    def vectors(self, reply: JsonObject) -> list[Any]:
        """Return the numbers of each vector in an answer.

        Raises:
            KeyError: they are not where they should be; TypeError: not lists and objects.
        """
        ...

    def tokens(self, reply: JsonObject) -> int:
        """Return how many tokens were read, 0 where the answer does not say."""
        ...


def wire_for(profile: EmbeddingProfile, *, is_vertex: bool) -> EmbeddingWire:
    """Return the form that a model's calls have."""
    if not is_vertex:
        return GeminiApiWire()
    return VertexPredictWire() if profile.is_predicted_on_vertex else VertexEmbedWire()


class GeminiApiWire:
    """The Gemini API: a text alone, or up to a hundred of them."""

    max_texts = MAX_BATCH_TEXTS
    concurrency = 4

    def request(self, order: EmbeddingOrder, texts: Sequence[str]) -> tuple[str, JsonObject]:
        """See `EmbeddingWire.request`."""
        model = f"models/{order.model}"
        requests = [{"model": model, **single_request(order, text)} for text in texts]
        if len(requests) == 1:
            return "embedContent", requests[0]
        return "batchEmbedContents", {"requests": requests}

    def vectors(self, reply: JsonObject) -> list[Any]:
        """See `EmbeddingWire.vectors`."""
        found = reply["embeddings"] if "embeddings" in reply else [reply["embedding"]]
        return [item["values"] for item in found]

    def tokens(self, reply: JsonObject) -> int:
        """See `EmbeddingWire.tokens`."""
        return _count(reply.get("usageMetadata"), "promptTokenCount")


class VertexEmbedWire(GeminiApiWire):
    """`embedContent` of Vertex AI: one text, its options apart."""

    max_texts = 1
    concurrency = 16

    def request(self, order: EmbeddingOrder, texts: Sequence[str]) -> tuple[str, JsonObject]:
        """See `EmbeddingWire.request`."""
        return "embedContent", {
            "content": {"parts": [{"text": order.worded(texts[0])}]},
            "embedContentConfig": {"outputDimensionality": order.dimensions},
        }


class VertexPredictWire:
    """`predict` of Vertex AI, which is how `gemini-embedding-001` is asked there."""

    max_texts = 1
    concurrency = 16

    def request(self, order: EmbeddingOrder, texts: Sequence[str]) -> tuple[str, JsonObject]:
        """See `EmbeddingWire.request`."""
        task = {"task_type": order.task_type} if order.task_type else {}
        return "predict", {
            "instances": [{"content": order.worded(text), **task} for text in texts],
            "parameters": {"outputDimensionality": order.dimensions},
        }

    def vectors(self, reply: JsonObject) -> list[Any]:
        """See `EmbeddingWire.vectors`."""
        return [item["embeddings"]["values"] for item in reply["predictions"]]

    def tokens(self, reply: JsonObject) -> int:
        """See `EmbeddingWire.tokens`."""
        return sum(
            _count(item["embeddings"].get("statistics"), "token_count")
            for item in reply["predictions"]
        )


def batches(
    texts: Sequence[str], max_texts: int, max_bytes: int = MAX_BATCH_BYTES
) -> list[Sequence[str]]:
    """Return the texts in order, in runs of at most `max_texts` texts and `max_bytes`.

    A text that is longer goes alone.
    """
    runs: list[Sequence[str]] = []
    start = size = 0
    for i, text in enumerate(texts):
        length = len(text.encode("utf-8", "replace"))
        if i > start and (i - start == max_texts or size + length > max_bytes):
            runs.append(texts[start:i])
            start, size = i, 0
        size += length
    return [*runs, texts[start:]] if texts else []


def single_request(order: EmbeddingOrder, text: str) -> JsonObject:
    """Return what is asked for one text, the model left out."""
    request: JsonObject = {
        "content": {"parts": [{"text": order.worded(text)}]},
        "outputDimensionality": order.dimensions,
    }
    if order.task_type:
        request["taskType"] = order.task_type
    return request


def _count(counts: Any, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    # Vertex AI writes some counts as 11.0.
    return int(value) if isinstance(value, int | float) and value > 0 else 0
