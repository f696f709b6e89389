"""The bundled embedding model."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.adapters.local.embedder import MAX_CHARS, LocalEmbedder, WeightsMissing
from proxy.deadline import Deadline
from proxy.errors import UpstreamTimeout
from tests.support.waiting import ample_time


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder(threads=2)


async def test_a_text_has_the_same_vector_whatever_it_is_embedded_with(
    embedder: LocalEmbedder,
) -> None:
    texts = [f"Sentence number {i} " * (1 + i % 7) for i in range(40)]
    together = await embedder.embed(texts, role="document", deadline=ample_time())
    for i in (0, 6, 39):
        alone = await embedder.embed([texts[i]], role="query", deadline=ample_time())
        assert np.array_equal(alone.vectors[0], together.vectors[i])


async def test_missing_weights_name_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="make install") as failure:
        LocalEmbedder(tmp_path)
    assert isinstance(failure.value, FileNotFoundError)
    assert "model.onnx" in str(failure.value)


async def test_the_event_loop_stays_free_while_texts_are_read(embedder: LocalEmbedder) -> None:
    reading = asyncio.create_task(
        embedder.embed(["many words in here " * 60] * 12, role="document", deadline=ample_time())
    )
    turns = 0
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 50


async def test_a_question_does_not_wait_for_a_long_list(embedder: LocalEmbedder) -> None:
    texts = ["many words in here " * 60] * 60
    listing = asyncio.create_task(embedder.embed(texts, role="document", deadline=ample_time()))
    await asyncio.sleep(0)
    await embedder.embed(["a question"], role="query", deadline=ample_time())
    assert not listing.done()
    await listing


async def test_a_question_does_not_wait_for_many_other_calls(embedder: LocalEmbedder) -> None:
    text = "many words in here " * 60
    calls = [
        asyncio.create_task(embedder.embed([text], role="unspecified", deadline=ample_time()))
        for _ in range(1_500)
    ]
    await asyncio.sleep(0)
    await embedder.embed(["a question"], role="query", deadline=ample_time())
    assert sum(call.done() for call in calls) < 750
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_a_deadline_in_the_middle_of_a_list_ends_it(embedder: LocalEmbedder) -> None:
    with pytest.raises(UpstreamTimeout):
        await embedder.embed(
            ["words " * 250] * 100_000, role="document", deadline=Deadline.after(0.05)
        )


async def test_only_what_the_model_reads_counts_as_tokens(embedder: LocalEmbedder) -> None:
    result = await embedder.embed(
        ["two words", "word " * 1_000], role="document", deadline=ample_time()
    )
    assert result.tokens == 2 + 254
    assert embedder.count_tokens("word " * 1_000) == 1_000


async def test_text_behind_the_limit_changes_nothing(embedder: LocalEmbedder) -> None:
    text = "word " * 300
    result = await embedder.embed(
        [text + "alpha", text + "beta", " " * MAX_CHARS + "gamma", ""],
        role="document",
        deadline=ample_time(),
    )
    assert np.array_equal(result.vectors[0], result.vectors[1])
    assert np.array_equal(result.vectors[2], result.vectors[3])


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_string_has_a_vector_and_a_length(text: str) -> None:
    embedder = LocalEmbedder(threads=1)
    vectors = asyncio.run(embedder.embed([text], role="query", deadline=ample_time())).vectors
    embedder.close()
    assert np.isclose(np.linalg.norm(vectors[0]), 1, atol=1e-5)
    assert embedder.count_tokens(text) >= 0
