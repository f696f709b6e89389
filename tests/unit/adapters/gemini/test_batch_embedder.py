"""Gemini's Batch API over a real socket."""

from typing import Any

import numpy as np
import pytest

from proxy.adapters.gemini.access import VertexAccess
from proxy.adapters.gemini.batch_embedder import MAX_REQUEST_BYTES, GeminiBatchEmbedder
from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.gemini.transport import MAX_BODY_BYTES, GeminiTransport
from proxy.errors import ModelNotFound, RateLimited, UpstreamInvalidResponse
from proxy.ports import BatchLost
from tests.support import gemini_errors as errors
from tests.support.gemini_batches import GeminiBatches
from tests.support.gemini_client import gemini_settings, open_session
from tests.support.gemini_replies import json_body
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

OLD, NEW = "gemini-embedding-001", "gemini-embedding-2"


@pytest.fixture
def batches(fake_gemini: FakeGemini) -> GeminiBatches:
    """What the fake makes of batches."""
    made = GeminiBatches()
    fake_gemini.reply_by(made.reply)
    return made


@pytest.fixture
def embedder(transport: GeminiTransport) -> GeminiBatchEmbedder:
    return GeminiBatchEmbedder(transport, model=OLD, dimensions=768)


@pytest.mark.parametrize("model", [OLD, NEW])
async def test_a_batch_gives_the_vectors_that_calls_give(
    transport: GeminiTransport, batches: GeminiBatches, model: str
) -> None:
    texts = ["two litres", "größe", ""]
    batched = GeminiBatchEmbedder(transport, model=model, dimensions=256)
    name = await batched.submit(texts)
    answer = await batched.answer(name, len(texts))
    called = GeminiEmbedder(transport, model=model, dimensions=256)
    expected = await called.embed(texts, role="document", deadline=ample_time())
    assert answer is not None
    assert np.array_equal(np.stack([v for v in answer.vectors if v is not None]), expected.vectors)
    assert answer.tokens > 0
    [sent] = batches.batches.values()
    assert sent.model == model


async def test_a_batch_that_is_not_over_has_no_answer_yet(
    embedder: GeminiBatchEmbedder, batches: GeminiBatches
) -> None:
    batches.looks = 2
    name = await embedder.submit(["a"])
    assert [await embedder.answer(name, 1) is None for _ in range(3)] == [True, True, False]


async def test_a_text_that_failed_has_no_vector_and_the_others_have(
    embedder: GeminiBatchEmbedder, batches: GeminiBatches
) -> None:
    batches.refused_texts = {"b"}
    answer = await embedder.answer(await embedder.submit(["a", "b", "c"]), 3)
    assert answer is not None
    assert [vector is None for vector in answer.vectors] == [False, True, False]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "EXPIRED"])
async def test_a_batch_that_ends_otherwise_is_lost(
    embedder: GeminiBatchEmbedder, batches: GeminiBatches, state: str
) -> None:
    batches.ends_as = state
    with pytest.raises(BatchLost, match=state.lower()):
        await embedder.answer(await embedder.submit(["a"]), 1)


async def test_a_batch_that_is_not_known_is_lost(
    embedder: GeminiBatchEmbedder, batches: GeminiBatches
) -> None:
    assert batches.batches == {}
    with pytest.raises(BatchLost):
        await embedder.answer("batches/gone", 1)


@pytest.mark.parametrize("name", [None, 7, "", "files/1", "batches/../models/x", "batches/a b"])
async def test_a_name_that_is_none_is_refused(
    fake_gemini: FakeGemini, embedder: GeminiBatchEmbedder, name: Any
) -> None:
    fake_gemini.reply_by(lambda _request: json_body({"name": name}))
    with pytest.raises(UpstreamInvalidResponse):
        await embedder.submit(["a"])


def _ended(*answers: Any) -> dict[str, Any]:
    output = {"inlinedResponses": {"inlinedResponses": list(answers)}}
    return {"metadata": {"state": "BATCH_STATE_SUCCEEDED", "output": output}, "done": True}


def _with_values(*values: float) -> dict[str, Any]:
    return {"response": {"embedding": {"values": list(values)}}}


@pytest.mark.parametrize(
    "reply",
    [
        _ended(),
        _ended(_with_values(1.0)),
        _ended(_with_values(*[0.0] * 768)),
        _ended({"response": {"embedding": {"values": "x"}}}),
        _ended({"response": {"embedding": {}}}),
        _ended("x"),
        {"metadata": {"state": "BATCH_STATE_SUCCEEDED", "output": {"responsesFile": "files/1"}}},
    ],
)
async def test_an_answer_that_cannot_be_read_is_refused(
    fake_gemini: FakeGemini, embedder: GeminiBatchEmbedder, reply: dict[str, Any]
) -> None:
    fake_gemini.reply_by(lambda _request: json_body(reply))
    with pytest.raises(UpstreamInvalidResponse) as refused:
        await embedder.answer("batches/a", 1)
    assert not isinstance(refused.value, BatchLost)


async def test_an_answer_as_an_operation_has_it_is_read(
    fake_gemini: FakeGemini, embedder: GeminiBatchEmbedder
) -> None:
    output = _ended(_with_values(2.0, *[0.0] * 767))["metadata"]["output"]
    fake_gemini.reply_by(lambda _request: json_body({"done": True, "response": output}))
    answer = await embedder.answer("batches/a", 1)
    assert answer is not None
    [vector] = answer.vectors
    assert vector is not None
    assert (vector[0], answer.tokens) == (1.0, 0)


async def test_a_batch_is_never_begun_twice_by_itself(
    fake_gemini: FakeGemini, embedder: GeminiBatchEmbedder
) -> None:
    fake_gemini.reply_by(lambda _request: errors.Status(429, retry_delay="0s"))
    with pytest.raises(RateLimited):
        await embedder.submit(["a"])
    assert len(fake_gemini.requests) == 1


async def test_a_portion_fits_in_and_so_does_its_answer(transport: GeminiTransport) -> None:
    for dimensions in (128, 768, 3_072):
        embedder = GeminiBatchEmbedder(transport, model=OLD, dimensions=dimensions)
        texts = ["x" * 2_000] * 12_000
        portions = embedder.portions(texts)
        assert sum(map(len, portions)) == len(texts)
        for portion in portions:
            assert sum(map(len, portion)) <= MAX_REQUEST_BYTES
            assert len(portion) * dimensions * 20 < MAX_BODY_BYTES


async def test_vertex_ai_has_no_batches_of_this_kind(fake_gemini: FakeGemini) -> None:
    settings = gemini_settings(
        fake_gemini.url, GOOGLE_GENAI_USE_VERTEXAI="true", GOOGLE_CLOUD_PROJECT="a-project"
    )
    async with open_session() as session:
        transport = GeminiTransport(session, settings, VertexAccess(settings))
        with pytest.raises(ModelNotFound):
            await transport.resource("batches/a", ample_time())
    assert fake_gemini.requests == []
