"""Payloads of other indexers, as chunks."""

from typing import Any

import orjson
import pytest

from proxy.adapters.qdrant.foreign import PayloadMap
from proxy.errors import ConfigurationError

NODE = orjson.dumps({"text": "From a node.", "metadata": {"file_name": "a.md"}}).decode()


@pytest.mark.parametrize(
    ("payload", "text", "title", "url"),
    [
        (
            {"page_content": "LangChain.", "metadata": {"source": "https://x.y/a", "title": "A"}},
            "LangChain.",
            "A",
            "https://x.y/a",
        ),
        ({"_node_content": NODE, "file_name": "a.md"}, "From a node.", "a.md", None),
        ({"text": "Plain.", "url": "javascript:alert(1)"}, "Plain.", "javascript:alert(1)", None),
        ({"content": "Bare."}, "Bare.", "7", None),
        ({"chunk": 5}, "5", "7", None),
        ({"text": True, "_node_content": "{damaged", "metadata": "x"}, "", "7", None),
    ],
)
def test_common_layouts_are_known(
    payload: dict[str, Any], text: str, title: str, url: str | None
) -> None:
    chunk = PayloadMap({}).chunk(7, payload, "foreign")
    assert (chunk.chunk_id, chunk.book) == ("7", "foreign")
    assert (chunk.text, chunk.title, chunk.url) == (text, title, url)
    assert chunk.heading_path == (title,)


def test_a_map_names_the_keys_dots_go_down_and_stand_for_themselves_too() -> None:
    names = PayloadMap({"text": "body.en", "title": "head.line", "section": "part"})
    chunk = names.chunk("x", {"body": {"en": "Text."}, "head.line": "T", "part": "S"}, "b")
    assert (chunk.text, chunk.heading_path) == ("Text.", ("T", "S"))
    assert names.chunk("x", {"text": "not meant"}, "b").text == ""


def test_a_hit_is_of_the_document_that_the_payload_names() -> None:
    payload = {"metadata": {"source": "guide.md"}}
    assert PayloadMap({}).hit(1, payload, "b", 0.5).document_id == "guide.md"
    assert PayloadMap({}).hit(1, {}, "b", 0.5).document_id == "1"


def test_a_name_that_is_none_of_ours_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'body'"):
        PayloadMap({"body": "text"})
