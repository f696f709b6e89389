"""A cross-encoder that the user brought."""

from collections.abc import Generator
from pathlib import Path

import pytest
from onnx import TensorProto, helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from proxy.adapters.local.cross_encoder import CrossEncoder
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError, UpstreamTimeout
from tests.support.waiting import ample_time

WORDS = {"[UNK]": 0, "why": 1, "bad": 2, "good": 30, "best": 90}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model whose score is the mean of its tokens' numbers."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "n"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1])
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], ["logits"], axes=[1], keepdims=1),
    ]
    graph = helper.make_graph(nodes, "mean", [ids], [logits])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.fixture
def encoder(folder: Path) -> Generator[CrossEncoder]:
    encoder = CrossEncoder(folder, limit_s=5.0)
    yield encoder
    encoder.close()


async def test_texts_are_ordered_by_what_the_model_says_of_each(encoder: CrossEncoder) -> None:
    texts = ["bad", "best", "good " * 900]
    assert await encoder.order("why", texts, deadline=ample_time()) == [1, 2, 0]


async def test_it_has_no_more_than_its_time(encoder: CrossEncoder) -> None:
    with pytest.raises(UpstreamTimeout):
        await encoder.order("why", ["good"] * 9, deadline=Deadline.after(-1))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_folder_without_the_files_is_a_matter_of_configuration(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ConfigurationError, match=name):
        CrossEncoder(folder, limit_s=1.0)


def test_so_is_one_whose_files_are_none(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        CrossEncoder(folder, limit_s=1.0)
