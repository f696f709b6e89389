"""The OpenAPI document is whole and says what we do, not what FastAPI would."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from proxy.app import create_app
from proxy.settings import load_settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document."""
    return create_app(load_settings({}, None)).openapi()


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        fields = cast("dict[str, Any]", node)
        if "$ref" in fields:
            yield fields["$ref"]
        node = list(fields.values())
    if isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from _refs(value)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    refs = set(_refs(document))
    assert refs
    for ref in refs:
        node: Any = document
        for name in ref.removeprefix("#/").split("/"):
            node = node[name]


def test_bodies_and_errors_are_described(document: dict[str, Any]) -> None:
    for path, model in (
        ("/v1/chat/completions", "ChatCompletionRequest"),
        ("/v1/embeddings", "EmbeddingsRequest"),
        ("/v1/responses", "ResponsesRequest"),
    ):
        content = document["paths"][path]["post"]["requestBody"]["content"]
        assert content["application/json"]["schema"]["$ref"].endswith(f"/{model}")
        assert document["components"]["schemas"][model]["properties"]["model"]
    for operation in _operations(document):
        assert "default" in operation["responses"]
        assert "422" not in operation["responses"]
        assert operation["summary"]


def test_asking_twice_gives_the_same(document: dict[str, Any]) -> None:
    app = create_app(load_settings({}, None))
    assert app.openapi() == app.openapi() == document


def test_it_can_be_switched_off() -> None:
    app = create_app(load_settings({"DOCS_ENABLED": "false"}, None))
    assert app.openapi_url is None
    assert app.docs_url is None
