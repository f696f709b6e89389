"""`ports.Embedder` that remembers what questions are as vectors."""

import hashlib
from collections.abc import Sequence

import numpy as np

from proxy.deadline import Deadline
from proxy.ports import Cache, Embedder, Embeddings, TextRole
from proxy.queries import FloatVector
from proxy.telemetry.metrics import CACHE_LOOKUPS


class CachedEmbedder:
    """Asks another embedder for what it does not remember; passages are not remembered."""

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder = embedder
        self._cache = cache
        self.model = embedder.model
        self.dimensions = embedder.dimensions
        self.relevance_floor = embedder.relevance_floor
        self.count_tokens = embedder.count_tokens

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """Return one unit vector per text; `tokens` counts those that had to be read."""
        if role != "query":
            return await self._embedder.embed(
                texts, role=role, deadline=deadline, dimensions=dimensions, model=model
            )
        size, name = dimensions or self.dimensions, model or self.model
        keys = [_key(name, size, text) for text in texts]
        known = [_vector(await self._cache.get(key), size) for key in keys]
        missing = [place for place, vector in enumerate(known) if vector is None]
        CACHE_LOOKUPS.add("question-vector", "miss" if missing else "hit")
        tokens = 0
        if missing:
            made = await self._embedder.embed(
                [texts[place] for place in missing],
                role=role,
                deadline=deadline,
                dimensions=dimensions,
                model=model,
            )
            tokens = made.tokens
            for place, vector in zip(missing, made.vectors, strict=True):
                known[place] = vector
                await self._cache.put(keys[place], vector.astype("<f4").tobytes())
        vectors = [vector for vector in known if vector is not None]
        return Embeddings(np.stack(vectors) if vectors else np.empty((0, size), np.float32), tokens)


def _key(model: str, dimensions: int, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"query:{model}:{dimensions}:{digest}"


def _vector(kept: bytes | None, dimensions: int) -> FloatVector | None:
    """Return a vector that was kept, None where that is none of this size."""
    if kept is None or len(kept) != dimensions * 4:
        return None
    return np.frombuffer(kept, "<f4").astype(np.float32)
