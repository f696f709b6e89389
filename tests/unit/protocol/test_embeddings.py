"""Embeddings on the wire: exact bytes, in order."""

import base64
import json
import struct
from typing import Any, Literal

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from proxy.errors import ContextLengthExceeded, InvalidRequest
from proxy.protocol.embeddings import MAX_INPUTS, EmbeddingsRequest, embeddings_response
from proxy.protocol.parsing import parse

VECTORS = np.array([[1.0, -0.5, 3.25e-8], [0.0, 0.1, -1e30]], dtype=np.float32)


def request_for(**fields: Any) -> EmbeddingsRequest:
    return parse(EmbeddingsRequest, json.dumps({"model": "m", **fields}).encode())


def answer(
    vectors: Any, encoding_format: Literal["float", "base64"] | None = None
) -> dict[str, Any]:
    made = embeddings_response(vectors, model="asked", tokens=7, encoding_format=encoding_format)
    return orjson.loads(orjson.dumps(made, option=orjson.OPT_SERIALIZE_NUMPY))


def test_one_text_and_a_list_are_both_read() -> None:
    assert request_for(input="x").texts == ["x"]
    assert request_for(input=["x", "y", "x"]).texts == ["x", "y", "x"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"input": []}, "input", "empty_array"),
    ({"input": None}, "input", "invalid_type"),
    ({"input": 5}, "input", "invalid_type"),
    ({"input": {"a": 1}}, "input", "invalid_type"),
    ({"input": ["a", ["b"]]}, "input[1]", "invalid_type"),
    ({"input": ["a", 1]}, "input[1]", "invalid_type"),
    ({"input": ["a", None]}, "input[1]", "invalid_type"),
    ({"input": [None]}, "input[0]", "invalid_type"),
    ({"input": [True, 1]}, "input[0]", "invalid_type"),
    ({"input": [1, "a"]}, "input[1]", "invalid_type"),
    ({"input": [1, 2.5]}, "input[1]", "invalid_type"),
    ({"input": [1, True]}, "input[1]", "invalid_type"),
    ({"input": [-1]}, "input[0]", "integer_below_min_value"),
    ({"input": [[1], []]}, "input[1]", "empty_array"),
    ({"input": [[]]}, "input[0]", "empty_array"),
    ({"input": [[1], "a"]}, "input[1]", "invalid_type"),
    ({"input": [[1], 2]}, "input[1]", "invalid_type"),
    ({"input": [[1, [2]]]}, "input[0][1]", "invalid_type"),
    ({"input": [["a"]]}, "input[0][0]", "invalid_type"),
    ({"input": [[1]] * (MAX_INPUTS + 1)}, "input", "array_above_max_length"),
    ({"input": True}, "input", "invalid_type"),
    ({"input": ["a"] * (MAX_INPUTS + 1)}, "input", "array_above_max_length"),
    ({}, "input", "missing_required_parameter"),
    ({"input": "x", "dimensions": 0}, "dimensions", "integer_below_min_value"),
    ({"input": "x", "dimensions": "768"}, "dimensions", "invalid_type"),
    ({"input": "x", "encoding_format": "hex"}, "encoding_format", "invalid_value"),
    ({"input": "x", "input_type": "image"}, "input_type", "invalid_value"),
]


@pytest.mark.parametrize(("fields", "param", "code"), WRONG)
def test_a_wrong_request_is_refused_by_name(fields: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_for(**fields)
    assert (refused.value.param, refused.value.code) == (param, code)


def test_tokens_are_one_input_or_several() -> None:
    assert request_for(input="x").token_lists is None
    assert request_for(input=["x"]).token_lists is None
    assert request_for(input=[1, 2]).token_lists == [[1, 2]]
    assert request_for(input=[[1, 2], [3]]).token_lists == [[1, 2], [3]]
    assert request_for(input=[1, 2]).param_of(0) == "input"
    assert request_for(input=[[1], [2]]).param_of(1) == "input[1]"


@pytest.mark.parametrize(
    "inputs", [["x" * 480_000] * 3, [[7] * 1_000] * 301, ["x"] * 2_000 + ["x" * 499_999] * 3]
)
def test_a_request_holds_three_hundred_thousand_tokens_at_most(inputs: Any) -> None:
    asked = request_for(input=inputs)
    with pytest.raises(InvalidRequest) as refused:
        _ = asked.token_lists or asked.texts
    assert (refused.value.param, refused.value.code) == ("input", "max_tokens_per_request")
    assert request_for(input=[[7] * 1_000] * 300).token_lists
    assert request_for(input=["x" * 400_000] * 3).texts


def test_a_text_that_is_certainly_too_long_is_refused_where_it_stands() -> None:
    asked = request_for(input=["short", "word " * 4_000])
    with pytest.raises(ContextLengthExceeded) as refused:
        asked.check_lengths(asked.texts, 2_048)
    assert (refused.value.param, refused.value.code) == ("input[1]", "context_length_exceeded")
    assert "2,048" in refused.value.message
    asked.check_lengths(asked.texts, 8_192)
    # 2,048 tokens of English are some nine thousand characters: there is room for doubt.
    asked.check_lengths(["word " * 3_000, "数" * 5_000], 2_048)
    with pytest.raises(ContextLengthExceeded):
        asked.check_lengths(["数" * 6_000], 2_048)


@pytest.mark.parametrize(("texts", "param"), [("", "input"), (["a", ""], "input[1]")])
def test_an_empty_text_is_refused(texts: Any, param: str) -> None:
    asked = request_for(input=texts)
    with pytest.raises(InvalidRequest) as refused:
        _ = asked.texts
    assert refused.value.param == param


@pytest.mark.parametrize("encoding_format", [None, "float"])
def test_floats_are_a_list_of_numbers(encoding_format: Literal["float"] | None) -> None:
    made = answer(VECTORS, encoding_format)
    assert [np.float32(item["embedding"]).tolist() for item in made["data"]] == VECTORS.tolist()
    parsed = CreateEmbeddingResponse.model_validate(made)
    assert [item.index for item in parsed.data] == [0, 1]
    assert parsed.model == "asked"
    assert parsed.usage.prompt_tokens == parsed.usage.total_tokens == 7
    assert (parsed.model_extra, parsed.data[0].model_extra) == ({}, {})


def test_base64_is_little_endian_float32() -> None:
    made = answer(VECTORS, "base64")
    expected = [base64.b64encode(struct.pack("<3f", *row)).decode() for row in VECTORS.tolist()]
    assert [item["embedding"] for item in made["data"]] == expected


def test_base64_does_not_depend_on_how_the_vectors_are_stored() -> None:
    assert answer(VECTORS.astype(">f4"), "base64") == answer(VECTORS, "base64")
    assert answer(np.asfortranarray(VECTORS), "base64") == answer(VECTORS, "base64")


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_both_encodings_say_the_same(row: list[float]) -> None:
    vectors = np.array([row], dtype=np.float32)
    floats = np.array(answer(vectors)["data"][0]["embedding"], dtype=np.float32)
    packed = base64.b64decode(answer(vectors, "base64")["data"][0]["embedding"])
    assert np.array_equal(floats, np.frombuffer(packed, dtype="<f4"))
