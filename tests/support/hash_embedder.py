"""An embedder of hashed words: deterministic, quick, and equal words mean similar texts."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from proxy.deadline import Deadline
from proxy.errors import ProxyError, UpstreamAuthError
from proxy.ports import Embeddings, TextRole

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Implements `ports.Embedder`; remembers what it was asked to embed.

    Args:
        model: its name.
        dimensions: of the vectors.
        failing: texts that contain this cannot be embedded, however often one tries.
    """

    def __init__(
        self, model: str = "hashed-words", dimensions: int = 64, failing: str | None = None
    ) -> None:
        self._model = model
        self._dimensions = dimensions
        self._failing = failing
        self.calls: list[list[str]] = []
        """Texts of passages."""
        self.questions: list[list[str]] = []
        self.failures: list[ProxyError] = []
        """What the next calls raise, one each, before calls succeed."""

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._model

    @property
    def dimensions(self) -> int:
        """Size of the vectors."""
        return self._dimensions

    @property
    def relevance_floor(self) -> float:
        """Cosine similarity of unrelated texts, at most."""
        return 0.1

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """Return the direction of each text's words, summed."""
        del deadline, model
        (self.questions if role == "query" else self.calls).append(list(texts))
        if self._failing and any(self._failing in text for text in texts):
            raise UpstreamAuthError("the embedder is away")
        if self.failures:
            raise self.failures.pop(0)
        size = dimensions or self._dimensions
        vectors = np.zeros((len(texts), size), np.float32)
        for row, text in enumerate(texts):
            for word in ["", *_WORD.findall(text.lower())]:
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                vectors[row, int.from_bytes(digest, "big") % size] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return Embeddings(vectors, sum(map(self.count_tokens, texts)))

    def count_tokens(self, text: str) -> int:
        """Return the number of words and marks."""
        return len(re.findall(r"\w+|[^\w\s]", text))

    @property
    def embedded(self) -> list[str]:
        """All texts so far."""
        return [text for call in self.calls for text in call]
