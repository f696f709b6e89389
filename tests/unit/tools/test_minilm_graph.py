"""The sentence encoder as an ONNX graph, against the same arithmetic in plain numpy."""

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from tools.bundle_model import MODULE, package_folder

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec(MODULE) is None,
    reason="the weights package is not installed: run `make install`",
)

Floats = NDArray[np.float64]
TOKEN_IDS = [101, 2129, 2079, 1045, 16500, 1996, 7427, 2006, 2026, 3274, 1029, 102]


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

    path: Path = package_folder() / "model" / "model.safetensors"
    return load_file(path)


def layer_norm(x: Floats, weights: dict[str, Any], name: str) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: Floats, weights: dict[str, Any], name: str) -> Floats:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def reference(weights: dict[str, Any], ids: list[int]) -> Floats:
    """Return the vector as the paper's formulas give it."""
    erf = np.vectorize(math.erf)
    x: Floats = (
        weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
        + weights["embeddings.position_embeddings.weight"][: len(ids)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = layer_norm(x, weights, "embeddings.LayerNorm")
    for i in range(6):
        layer = f"encoder.layer.{i}"
        query, key, value = (
            linear(x, weights, f"{layer}.attention.self.{part}")
            .reshape(len(ids), 12, 32)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(32))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), 384)
        attended = linear(mixed, weights, f"{layer}.attention.output.dense")
        x = layer_norm(attended + x, weights, f"{layer}.attention.output.LayerNorm")
        inner = linear(x, weights, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = layer_norm(
            linear(inner, weights, f"{layer}.output.dense") + x,
            weights,
            f"{layer}.output.LayerNorm",
        )
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def run(weights: dict[str, Any], *, int8: bool) -> Floats:
    from tools.minilm_graph import build_model

    session: Any = onnxruntime.InferenceSession(
        build_model(weights, int8=int8).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"input_ids": np.array([TOKEN_IDS], np.int64)})[0][0]


def test_the_float_graph_computes_what_the_reference_does(weights: dict[str, Any]) -> None:
    assert np.allclose(run(weights, int8=False), reference(weights, TOKEN_IDS), atol=1e-5)


def test_the_int8_graph_stays_close_to_the_reference(weights: dict[str, Any]) -> None:
    assert run(weights, int8=True) @ reference(weights, TOKEN_IDS) > 0.985


def test_quantising_keeps_a_row_of_zeros() -> None:
    from tools.minilm_graph import quantise

    values = np.array([[0, 0], [1, -2]], np.float32)
    integers, scales = quantise(values, axis=1, limit=63)
    assert integers[0].tolist() == [0, 0]
    assert np.allclose(integers * scales, values, atol=0.02)
