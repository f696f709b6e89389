"""What `ports.Embedder` promises, asked of every implementation."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import numpy as np
import pytest

from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.local.embedder import LocalEmbedder
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, ProxyError
from proxy.ports import Embedder, TextRole
from tests.support.gemini_client import open_transport
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

TEXTS = ["How do I install it?", "Run the installer.", "", "Ein Satz mit Umlauten: äöü.", "数据"]

Opening = Callable[[], AbstractAsyncContextManager[Embedder]]


@asynccontextmanager
async def local() -> AsyncGenerator[Embedder]:
    embedder = LocalEmbedder(threads=2)
    try:
        yield embedder
    finally:
        embedder.close()


@asynccontextmanager
async def gemini() -> AsyncGenerator[Embedder]:
    async with FakeGemini() as fake, open_transport(fake) as transport:
        yield GeminiEmbedder(transport, model="gemini-embedding-001", dimensions=768)


IMPLEMENTATIONS: list[Opening] = [local, gemini]
"""Each opens an embedder with everything it needs; another implementation is added here."""


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda opening: opening.__name__)
async def embedder(request: pytest.FixtureRequest) -> AsyncGenerator[Embedder]:
    opening: Opening = request.param
    async with opening() as opened:
        yield opened


async def test_each_text_has_one_vector_of_unit_length(embedder: Embedder) -> None:
    result = await embedder.embed(TEXTS, role="document", deadline=ample_time())
    assert result.vectors.shape == (len(TEXTS), embedder.dimensions)
    assert result.vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(result.vectors, axis=1), 1, atol=1e-5)
    assert result.tokens > 0


async def test_vectors_come_in_the_order_of_their_texts(embedder: Embedder) -> None:
    deadline = ample_time()
    together = await embedder.embed(TEXTS, role="document", deadline=deadline)
    turned = await embedder.embed(TEXTS[::-1], role="document", deadline=deadline)
    for row in range(len(TEXTS)):
        assert np.allclose(together.vectors[row], turned.vectors[-1 - row], atol=1e-6)


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    result = await embedder.embed([], role="document", deadline=ample_time())
    assert result.vectors.shape == (0, embedder.dimensions)
    assert result.tokens == 0


@pytest.mark.parametrize("role", ["query", "document", "unspecified"])
async def test_every_role_is_accepted(embedder: Embedder, role: TextRole) -> None:
    result = await embedder.embed(TEXTS[:1], role=role, deadline=ample_time())
    assert len(result.vectors) == 1


async def test_a_question_is_nearer_to_its_answer_than_to_something_else(
    embedder: Embedder,
) -> None:
    texts = [
        "How do I get rid of a file?",
        "To delete a document, choose Remove from its menu.",
        "The orchestra played Beethoven's seventh symphony.",
    ]
    vectors = (await embedder.embed(texts, role="document", deadline=ample_time())).vectors
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


async def test_dimensions_the_model_does_not_offer_are_refused(embedder: Embedder) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await embedder.embed(TEXTS, role="query", deadline=ample_time(), dimensions=7)
    assert refusal.value.param == "dimensions"


async def test_its_own_dimensions_may_be_asked_for(embedder: Embedder) -> None:
    result = await embedder.embed(
        TEXTS[:1], role="query", deadline=ample_time(), dimensions=embedder.dimensions
    )
    assert result.vectors.shape == (1, embedder.dimensions)


async def test_a_text_longer_than_the_model_reads_is_cut(embedder: Embedder) -> None:
    result = await embedder.embed(["word " * 20_000], role="query", deadline=ample_time())
    assert np.isclose(np.linalg.norm(result.vectors[0]), 1, atol=1e-5)


async def test_a_deadline_that_has_passed_is_an_error(embedder: Embedder) -> None:
    with pytest.raises(ProxyError) as failure:
        await embedder.embed(TEXTS, role="query", deadline=Deadline.after(-1))
    assert failure.value.status == 504


async def test_tokens_are_counted_without_waiting(embedder: Embedder) -> None:
    assert embedder.count_tokens("") == 0
    one, many = embedder.count_tokens("word"), embedder.count_tokens("word " * 100)
    assert 1 <= one < many


async def test_it_says_what_its_vectors_are(embedder: Embedder) -> None:
    assert embedder.model
    assert embedder.dimensions >= 128
    assert 0 < embedder.relevance_floor < 1
