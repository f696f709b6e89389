"""The sentence encoder all-MiniLM-L6-v2 as an ONNX graph, in float32 or int8.

Called by `tools/bundle_model.py`. The graph takes the wordpieces of texts of one length and gives
their sentence vectors: BERT, mean over the tokens, unit length. There is no padding and no mask:
one text at a time is the fastest on a CPU, and quantising activations together would let a text's
vector depend on what it is batched with. Weights of the linear layers are int8 with a scale per
output, the word table is int8 with a scale per word.

Source: the layout of Hugging Face's `BertModel` (transformers 4.8), whose names the weights have.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper

Array = NDArray[Any]
Floats = NDArray[np.float32]

HIDDEN, HEADS, LAYERS, HEAD_SIZE = 384, 12, 6, 32
LAYER_NORM_EPSILON = 1e-12
WEIGHT_LIMIT = 63
"""Largest int8 weight. Seven bits, because processors without VNNI add pairs of uint8 × int8
products in 16 bits and would saturate: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html"""


class GraphBuilder:
    """Collects the nodes and weights of an ONNX graph.

    With `int8`, linear layers and the word table are quantised; without, all stays float32.
    """

    def __init__(self, *, int8: bool) -> None:
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def node(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        """Append an operation and return the names of its outputs."""
        names = [f"{op}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names

    def op(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Append an operation with one output and return its name."""
        return self.node(op, *inputs, **attributes)[0]

    def constant(self, array: Array) -> str:
        """Store an array and return its name."""
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, *values: int) -> str:
        """Store a list of int64 and return its name."""
        return self.constant(np.array(values, np.int64))

    def lookup(self, table: Floats, ids: str) -> str:
        """Return the rows `ids` of `table` (rows × width)."""
        if not self._int8:
            return self.op("Gather", self.constant(table), ids)
        rows, scales = quantise(table, axis=1, limit=127)
        picked = self.op("Cast", self.op("Gather", self.constant(rows), ids), to=1)
        return self.op("Mul", picked, self.op("Gather", self.constant(scales), ids))

    def linear(self, x: str, weight: Floats, bias: Floats) -> str:
        """Return `x @ weight + bias`; `weight` is inputs × outputs."""
        if not self._int8:
            product = self.op("MatMul", x, self.constant(weight))
            return self.op("Add", product, self.constant(bias))
        columns, scales = quantise(weight, axis=0, limit=WEIGHT_LIMIT)
        quantised, scale, zero = self.node("DynamicQuantizeLinear", x, outputs=3)
        product = self.op("MatMulInteger", quantised, self.constant(columns), zero)
        rescale = self.op("Mul", scale, self.constant(scales.reshape(-1)))
        product = self.op("Mul", self.op("Cast", product, to=1), rescale)
        return self.op("Add", product, self.constant(bias))

    def layer_norm(self, x: str, scale: Floats, bias: Floats) -> str:
        """Return `x` with its last axis normalised."""
        parts = (x, self.constant(scale), self.constant(bias))
        return self.op("LayerNormalization", *parts, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def model(self, output: str) -> onnx.ModelProto:
        """Return the graph from `input_ids` (texts × tokens) to `output` (texts × 384)."""
        vector = helper.make_node("Identity", [output], ["vector"])
        graph = helper.make_graph(
            [*self._nodes, vector],
            "all-minilm-l6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["texts", HIDDEN])],
            self._weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        checker.check_model(model)  # pyright: ignore[reportUnknownMemberType] - untyped PathLike
        return model


def quantise(weights: Floats, *, axis: int, limit: int) -> tuple[Array, Floats]:
    """Return int8 weights within ±`limit` and their scales, one per slice along `axis`."""
    scales = np.abs(weights).max(axis=axis, keepdims=True) / limit
    scales = np.where(scales == 0, 1, scales).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales


def build_model(weights: Mapping[str, Floats], *, int8: bool) -> onnx.ModelProto:
    """Return the encoder as an ONNX model; `weights` have the names of `BertModel`."""
    graph = GraphBuilder(int8=int8)
    table = "embeddings.{}.weight".format
    words = graph.lookup(weights[table("word_embeddings")], "input_ids")
    # All tokens are of type 0, so that its vector can be added to the positions once, here.
    positions = weights[table("position_embeddings")] + weights[table("token_type_embeddings")][0]
    length = graph.op("Shape", "input_ids", start=1, end=2)
    positions = graph.op("Slice", graph.constant(positions), graph.ints(0), length, graph.ints(0))
    x = graph.op("Add", words, positions)
    x = graph.layer_norm(x, weights[table("LayerNorm")], weights["embeddings.LayerNorm.bias"])
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        x = _encoder_layer(graph, x, own)
    mean = graph.op("ReduceMean", x, graph.ints(1), keepdims=0)
    norm = graph.op("ReduceL2", mean, graph.ints(1), keepdims=1)
    return graph.model(graph.op("Div", mean, norm))


def _encoder_layer(graph: GraphBuilder, x: str, weights: Mapping[str, Floats]) -> str:
    """Append one transformer layer and return its output."""
    attended = _attention(graph, x, weights)
    output = "attention.output."
    attended = graph.linear(
        attended, weights[output + "dense.weight"].T, weights[output + "dense.bias"]
    )
    x = graph.layer_norm(
        graph.op("Add", attended, x),
        weights[output + "LayerNorm.weight"],
        weights[output + "LayerNorm.bias"],
    )
    inner = graph.linear(
        x, weights["intermediate.dense.weight"].T, weights["intermediate.dense.bias"]
    )
    inner = graph.op("Gelu", inner)
    inner = graph.linear(inner, weights["output.dense.weight"].T, weights["output.dense.bias"])
    return graph.layer_norm(
        graph.op("Add", inner, x),
        weights["output.LayerNorm.weight"],
        weights["output.LayerNorm.bias"],
    )


def _attention(graph: GraphBuilder, x: str, weights: Mapping[str, Floats]) -> str:
    """Append self-attention without its output layer: one product for query, key and value."""
    name = "attention.self.{}.{}".format
    parts = ("query", "key", "value")
    weight = np.concatenate([weights[name(part, "weight")].T for part in parts], axis=1)
    bias = np.concatenate([weights[name(part, "bias")] for part in parts])
    # The division by √size of the scores, done to the weights.
    weight[:, :HIDDEN] /= np.sqrt(HEAD_SIZE)
    bias[:HIDDEN] /= np.sqrt(HEAD_SIZE)
    packed = graph.linear(x, weight, bias)
    packed = graph.op("Reshape", packed, graph.ints(0, 0, 3, HEADS, HEAD_SIZE))
    # texts × tokens × part × head × size → part × texts × head × tokens × size
    packed = graph.op("Transpose", packed, perm=[2, 0, 3, 1, 4])
    query, key, value = (
        graph.op("Gather", packed, graph.constant(np.array(i, np.int64))) for i in range(3)
    )
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
    mixed = graph.op("Transpose", mixed, perm=[0, 2, 1, 3])
    return graph.op("Reshape", mixed, graph.ints(0, 0, HIDDEN))
