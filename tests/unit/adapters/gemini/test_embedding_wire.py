"""The three forms of an embedding call: what Google's own client sends, and what is read."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.embedding_wire import (
    MAX_BATCH_BYTES,
    EmbeddingOrder,
    GeminiApiWire,
    VertexEmbedWire,
    VertexPredictWire,
    batches,
    wire_for,
)
from proxy.adapters.gemini.profiles import embedding_profile_of
from proxy.ports import TextRole
from tests.support.gemini_server import FakeGemini
from tests.support.google_credentials import vertex_sdk

OLD, NEW = "gemini-embedding-001", "gemini-embedding-2"


def order(model: str, role: TextRole = "unspecified", dimensions: int = 256) -> EmbeddingOrder:
    return EmbeddingOrder(model, embedding_profile_of(model), dimensions, role)


def test_the_model_and_the_place_decide_the_form() -> None:
    forms = {
        (model, is_vertex): type(wire_for(embedding_profile_of(model), is_vertex=is_vertex))
        for model in (OLD, NEW, "gemini-embedding-9")
        for is_vertex in (False, True)
    }
    assert forms == {
        (OLD, False): GeminiApiWire,
        (NEW, False): GeminiApiWire,
        ("gemini-embedding-9", False): GeminiApiWire,
        (OLD, True): VertexPredictWire,
        (NEW, True): VertexEmbedWire,
        ("gemini-embedding-9", True): VertexEmbedWire,
    }


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize(("model", "role"), [(OLD, "query"), (OLD, "unspecified"), (NEW, "query")])
def test_vertex_is_sent_what_googles_own_client_sends(
    threaded_gemini: FakeGemini, model: str, role: TextRole
) -> None:
    wanted = order(model, role)
    config: dict[str, Any] = {"output_dimensionality": wanted.dimensions}
    if wanted.task_type:
        config["task_type"] = wanted.task_type
    with vertex_sdk(threaded_gemini) as client:
        read = client.models.embed_content(
            model=model, contents=[wanted.worded("a text")], config=config
        )
    (theirs,) = threaded_gemini.requests
    wire = wire_for(wanted.profile, is_vertex=True)
    method, body = wire.request(wanted, ["a text"])
    if "content" in theirs.json:
        del theirs.json["content"]["role"]  # `user`, which is what no role means
    assert (method, body) == (theirs.operation, theirs.json)
    assert len(read.embeddings[0].values) == wanted.dimensions


def test_the_gemini_api_takes_one_text_or_a_list() -> None:
    single = {
        "model": f"models/{OLD}",
        "content": {"parts": [{"text": "a"}]},
        "outputDimensionality": 256,
        "taskType": "RETRIEVAL_DOCUMENT",
    }
    wire = GeminiApiWire()
    assert wire.request(order(OLD, "document"), ["a"]) == ("embedContent", single)
    method, body = wire.request(order(OLD, "document"), ["a", "a"])
    assert (method, body) == ("batchEmbedContents", {"requests": [single, single]})


@pytest.mark.parametrize(
    ("wire", "reply", "vectors", "tokens"),
    [
        (GeminiApiWire(), {"embedding": {"values": [1]}}, [[1]], 0),
        (
            GeminiApiWire(),
            {
                "embeddings": [{"values": [1]}, {"values": [2]}],
                "usageMetadata": {"promptTokenCount": 4},
            },
            [[1], [2]],
            4,
        ),
        (
            VertexEmbedWire(),
            {"embedding": {"values": [1]}, "usageMetadata": {"promptTokenCount": 11}},
            [[1]],
            11,
        ),
        (
            VertexPredictWire(),
            {"predictions": [{"embeddings": {"values": [1], "statistics": {"token_count": 3.0}}}]},
            [[1]],
            3,
        ),
        (VertexPredictWire(), {"predictions": [{"embeddings": {"values": [1]}}]}, [[1]], 0),
        (GeminiApiWire(), {"embedding": {"values": [1]}, "usageMetadata": []}, [[1]], 0),
    ],
)
def test_vectors_and_tokens_are_found(
    wire: GeminiApiWire | VertexPredictWire, reply: dict[str, Any], vectors: Any, tokens: int
) -> None:
    assert wire.vectors(reply) == vectors
    assert wire.tokens(reply) == tokens


@given(
    st.lists(
        st.text(max_size=9) | st.sampled_from([MAX_BATCH_BYTES, 30_000]).map("x".__mul__),
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_batches_keep_every_text_and_the_bounds(texts: list[str], max_texts: int) -> None:
    made: list[Sequence[str]] = batches(texts, max_texts)
    assert [text for batch in made for text in batch] == texts
    for batch in made:
        assert 1 <= len(batch) <= max_texts
        assert len(batch) == 1 or sum(len(t.encode()) for t in batch) <= MAX_BATCH_BYTES
