"""Questions are embedded once."""

import numpy as np
import pytest

from proxy.adapters.cache.embedder import CachedEmbedder
from proxy.adapters.cache.memory import MemoryCache
from proxy.errors import UpstreamAuthError
from proxy.ports import TextRole
from tests.support.hash_embedder import HashEmbedder
from tests.support.waiting import ample_time

NOW = ample_time()


def cached(embedder: HashEmbedder, cache: MemoryCache | None = None) -> CachedEmbedder:
    return CachedEmbedder(embedder, cache or MemoryCache(max_bytes=1_000_000, ttl_s=60))


async def test_a_question_is_embedded_once_and_its_vector_stays_the_same() -> None:
    asked = HashEmbedder()
    embedder = cached(asked)
    first = await embedder.embed(["why?", "how?"], role="query", deadline=NOW)
    again = await embedder.embed(["how?", "when?", "why?"], role="query", deadline=NOW)
    assert asked.questions == [["why?", "how?"], ["when?"]]
    assert np.array_equal(again.vectors[[2, 0]], first.vectors)
    assert again.vectors.dtype == np.float32
    assert again.tokens < first.tokens


async def test_all_known_costs_nothing() -> None:
    embedder = cached(HashEmbedder())
    await embedder.embed(["why?"], role="query", deadline=NOW)
    assert (await embedder.embed(["why?"], role="query", deadline=NOW)).tokens == 0


async def test_no_text_has_no_vector() -> None:
    assert (await cached(HashEmbedder()).embed([], role="query", deadline=NOW)).vectors.shape == (
        0,
        64,
    )


@pytest.mark.parametrize("role", ["document", "unspecified"])
async def test_passages_are_not_remembered(role: TextRole) -> None:
    asked = HashEmbedder()
    embedder = cached(asked)
    for _ in range(2):
        await embedder.embed(["why?"], role=role, deadline=NOW)
    assert len(asked.calls) == 2


async def test_another_model_and_another_size_have_other_vectors() -> None:
    cache = MemoryCache(max_bytes=1_000_000, ttl_s=60)
    others = [HashEmbedder(), HashEmbedder(model="other"), HashEmbedder(dimensions=32)]
    for embedder in others:
        made = await cached(embedder, cache).embed(["why?"], role="query", deadline=NOW)
        assert made.vectors.shape == (1, embedder.dimensions)
    assert [len(embedder.questions) for embedder in others] == [1, 1, 1]


async def test_a_failure_is_not_remembered() -> None:
    asked = HashEmbedder()
    embedder = cached(asked)
    asked.failures.append(UpstreamAuthError("no"))
    with pytest.raises(UpstreamAuthError):
        await embedder.embed(["why?"], role="query", deadline=NOW)
    assert (await embedder.embed(["why?"], role="query", deadline=NOW)).vectors.shape == (1, 64)


def test_it_says_of_itself_what_the_other_one_says() -> None:
    asked = HashEmbedder()
    embedder = cached(asked)
    assert (embedder.model, embedder.dimensions) == (asked.model, asked.dimensions)
    assert embedder.relevance_floor == asked.relevance_floor
    assert embedder.count_tokens("one two") == asked.count_tokens("one two")
