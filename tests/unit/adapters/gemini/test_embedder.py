"""Vectors from Gemini over a real socket: unit length, one per text, in order."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
import pytest

from proxy.adapters.gemini.access import VertexAccess
from proxy.adapters.gemini.credentials import BearerHeaders
from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.gemini.embedding_wire import MAX_BATCH_BYTES, MAX_BATCH_TEXTS
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import (
    InvalidRequest,
    ModelNotFound,
    ProxyError,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
)
from proxy.ports import Embeddings, TextRole
from tests.support import gemini_errors as errors
from tests.support.gemini_client import gemini_settings, open_session
from tests.support.gemini_defaults import Embedded
from tests.support.gemini_replies import After, Stall, json_body
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.gemini_vectors import bag_of_words
from tests.support.google_credentials import FakeCredentials
from tests.support.journal import Gate
from tests.support.waiting import ample_time

OLD, NEW = "gemini-embedding-001", "gemini-embedding-2"


@pytest.fixture
def embedder(transport: GeminiTransport) -> GeminiEmbedder:
    return GeminiEmbedder(transport, model=OLD, dimensions=768)


@pytest.fixture
async def on_vertex(fake_gemini: FakeGemini) -> AsyncGenerator[GeminiEmbedder]:
    settings = gemini_settings(
        fake_gemini.url, GOOGLE_GENAI_USE_VERTEXAI="true", GOOGLE_CLOUD_PROJECT="a-project"
    )
    access = VertexAccess(settings, BearerHeaders(lambda: FakeCredentials(lifetime_s=None)))
    async with open_session() as session:
        transport = GeminiTransport(session, settings, access)
        yield GeminiEmbedder(transport, model=OLD, dimensions=768)


async def embed(
    embedder: GeminiEmbedder, *texts: str, role: TextRole = "document", **options: Any
) -> Embeddings:
    return await embedder.embed(texts, role=role, deadline=ample_time(), **options)


@pytest.mark.parametrize("model", [OLD, NEW])
@pytest.mark.parametrize("dimensions", [128, 768, 3_072])
@pytest.mark.parametrize("texts", [("one",), ("one", "two words", "three")])
async def test_vectors_are_of_unit_length_and_of_the_size_asked_for(
    embedder: GeminiEmbedder, model: str, dimensions: int, texts: tuple[str, ...]
) -> None:
    made = await embed(embedder, *texts, dimensions=dimensions, model=model)
    assert made.vectors.shape == (len(texts), dimensions)
    assert made.vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-6)


async def test_one_text_is_asked_for_alone_and_more_in_batches_of_a_hundred(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    texts = [f"text number {i}" for i in range(2 * MAX_BATCH_TEXTS + 1)]
    made = await embed(embedder, *texts, dimensions=128)
    expected = np.array([bag_of_words(text, 128) for text in texts])
    assert np.allclose(made.vectors, expected, atol=1e-6)
    operations = sorted(request.operation for request in fake_gemini.requests)
    assert operations == ["batchEmbedContents", "batchEmbedContents", "embedContent"]
    asked = {text for request in fake_gemini.requests for text in request.embedded_texts}
    assert asked == set(texts)
    assert max(len(request.embeds) for request in fake_gemini.requests) == MAX_BATCH_TEXTS


async def test_long_texts_are_asked_for_in_smaller_batches(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    texts = [f"{i} " + "ö" * (MAX_BATCH_BYTES // 8) for i in range(9)]
    made = await embed(embedder, *texts, dimensions=128)
    expected = np.array([bag_of_words(text, 128) for text in texts])
    assert np.allclose(made.vectors, expected, atol=1e-6)
    assert sorted(len(request.embeds) for request in fake_gemini.requests) == [3, 3, 3]


@pytest.mark.parametrize("model", [OLD, NEW])
async def test_on_vertex_every_text_is_a_call_and_the_order_is_kept(
    on_vertex: GeminiEmbedder, fake_gemini: FakeGemini, model: str
) -> None:
    texts = [f"text number {i}" for i in range(20)]
    gate = Gate()
    # The first text is answered last.
    fake_gemini.reply_by(
        lambda request: After(gate, Embedded()) if texts[0] in request.embedded_texts else None
    )
    embedding = asyncio.create_task(embed(on_vertex, *texts, dimensions=128, model=model))
    await fake_gemini.wait_for_answered(nth=19)
    gate.open()
    made = await embedding
    role = "title: none | text: " if model == NEW else ""
    expected = np.array([bag_of_words(role + text, 128) for text in texts])
    assert np.allclose(made.vectors, expected, atol=1e-6)
    methods = {OLD: "predict", NEW: "embedContent"}
    assert {request.operation for request in fake_gemini.requests} == {methods[model]}
    assert made.tokens == sum(-(-len(role + text) // 4) for text in texts)


async def test_no_texts_are_no_request(embedder: GeminiEmbedder, fake_gemini: FakeGemini) -> None:
    made = await embed(embedder)
    assert made.vectors.shape == (0, 768)
    assert made.tokens == 0
    assert fake_gemini.requests == []


@pytest.mark.parametrize(
    ("role", "task_type"),
    [("query", "RETRIEVAL_QUERY"), ("document", "RETRIEVAL_DOCUMENT"), ("unspecified", None)],
)
async def test_the_older_model_is_told_a_task_type(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini, role: TextRole, task_type: str | None
) -> None:
    await embed(embedder, "text", role=role)
    ((single,),) = (request.embeds for request in fake_gemini.requests)
    expected = {
        "model": f"models/{OLD}",
        "content": {"parts": [{"text": "text"}]},
        "outputDimensionality": 768,
    }
    assert single == (expected | {"taskType": task_type} if task_type else expected)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("query", "task: search result | query: text"),
        ("document", "title: none | text: text"),
        ("unspecified", "text"),
    ],
)
async def test_the_newer_model_is_told_by_a_prefix(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini, role: TextRole, text: str
) -> None:
    await embed(embedder, "text", "text", role=role, model=NEW)
    (request,) = fake_gemini.requests
    assert request.embedded_texts == [text, text]
    assert all("taskType" not in single for single in request.embeds)
    assert {single["model"] for single in request.embeds} == {f"models/{NEW}"}


async def test_a_text_of_nothing_is_sent_as_a_space(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    await embed(embedder, "")
    assert fake_gemini.requests[0].embedded_texts == [" "]


@pytest.mark.parametrize("dimensions", [1, 127, 3_073])
async def test_sizes_the_models_do_not_offer_are_refused(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini, dimensions: int
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await embed(embedder, "text", dimensions=dimensions)
    assert refused.value.param == "dimensions"
    assert fake_gemini.requests == []


async def test_tokens_are_the_upstreams_where_it_says_them(embedder: GeminiEmbedder) -> None:
    assert (await embed(embedder, "x" * 40, "y" * 5)).tokens == 12
    prefixed = len("title: none | text: ") + 8
    assert (await embed(embedder, "x" * 8, model=NEW)).tokens == prefixed / 4


async def test_tokens_are_estimated_at_four_characters_each(embedder: GeminiEmbedder) -> None:
    assert [embedder.count_tokens("x" * n) for n in (0, 1, 4, 5, 400)] == [0, 1, 1, 2, 100]


NO_VALUES: dict[str, Any] = {"embedding": {"values": []}, "embeddings": [{"values": []}] * 2}
WRONG_REPLIES: list[Any] = [
    Embedded(missing=1),
    Embedded(dimensions=767),
    json_body({}),
    json_body({"embeddings": None, "embedding": None}),
    json_body(NO_VALUES),
    json_body({"embedding": {"values": "0"}, "embeddings": [{"values": "0"}] * 2}),
    json_body({"embedding": {"values": [0] * 768}, "embeddings": [{"values": [0] * 768}] * 2}),
    json_body({"embedding": {"values": [1e300] * 768}, "embeddings": ["x", "y"]}),
    json_body({"embedding": {"values": [[1], 2]}, "embeddings": [{"values": [[1]]}, {}]}),
]


@pytest.mark.parametrize("texts", [("one",), ("one", "two")])
@pytest.mark.parametrize("reply", WRONG_REPLIES)
async def test_anything_but_one_vector_per_text_is_an_error(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini, reply: Any, texts: tuple[str, ...]
) -> None:
    fake_gemini.reply_to_embedding(reply)
    with pytest.raises(UpstreamInvalidResponse):
        await embed(embedder, *texts)


@pytest.mark.parametrize("model", [OLD, NEW])
@pytest.mark.parametrize("reply", [Embedded(missing=1), Embedded(dimensions=767), json_body({})])
async def test_on_vertex_anything_but_a_vector_is_an_error(
    on_vertex: GeminiEmbedder, fake_gemini: FakeGemini, model: str, reply: Any
) -> None:
    fake_gemini.reply_to_embedding(reply)
    with pytest.raises(UpstreamInvalidResponse):
        await embed(on_vertex, "one", model=model)


async def test_the_first_failure_ends_the_calls_beside_it(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    all_are_asked = Gate()

    def script(request: RecordedRequest) -> Any:
        if "text 1" in request.embedded_texts:
            return After(all_are_asked, errors.model_not_found(request))
        return Stall()

    fake_gemini.reply_by(script)
    embedding = asyncio.create_task(embed(embedder, *(f"text {i}" for i in range(400))))
    await fake_gemini.wait_for_request(nth=4)
    all_are_asked.open()
    with pytest.raises(ModelNotFound):
        await embedding
    await fake_gemini.wait_for_peer_closed(nth=3)


async def test_one_batch_that_fails_fails_them_all(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply_by(
        lambda request: errors.overloaded() if "text 250" in request.embedded_texts else None
    )
    with pytest.raises(UpstreamOverloaded):
        await embed(embedder, *(f"text {i}" for i in range(300)))


async def test_a_model_that_is_gone_is_not_found(embedder: GeminiEmbedder) -> None:
    with pytest.raises(ModelNotFound):
        await embed(embedder, "text", model="gemini-embedding-0")


@pytest.mark.virtual_time
async def test_a_silent_upstream_has_a_limit(
    embedder: GeminiEmbedder, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply_to_embedding(Stall())
    with pytest.raises(UpstreamTimeout):
        await embedder.embed(["text"], role="query", deadline=Deadline.after(50))
    assert 0 < asyncio.get_running_loop().time() <= 50
    await fake_gemini.wait_for_peer_closed()


@pytest.mark.parametrize(("model", "floor"), [(OLD, 0.55), (NEW, 0.4), ("gemini-embedding-9", 0.5)])
def test_what_is_relevant_depends_on_the_model(
    transport: GeminiTransport, model: str, floor: float
) -> None:
    embedder = GeminiEmbedder(transport, model=model, dimensions=768)
    assert embedder.relevance_floor == floor
    assert (embedder.model, embedder.dimensions) == (model, 768)


async def test_failures_are_always_ours(embedder: GeminiEmbedder, fake_gemini: FakeGemini) -> None:
    fake_gemini.reply_to_embedding(errors.Status(400, "secret of projects/acme-1"))
    with pytest.raises(ProxyError) as failure:
        await embed(embedder, "text")
    assert "acme" not in failure.value.message
