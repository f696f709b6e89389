"""An index made for another embedding model is recognised before anything is searched in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.errors import ConfigurationError

GEMINI = IndexIdentity("gemini-embedding-001", 768)


def config(**changes: object) -> dict[str, object]:
    """Return a collection's configuration as Qdrant reports it."""
    vector = {"size": 768, "distance": "Cosine", **changes}
    return {"params": {"vectors": {"dense": vector}}, "metadata": GEMINI.to_metadata()}


def test_the_name_tells_model_and_size() -> None:
    assert GEMINI.collection("books") == "books__gemini-embedding-001__768"
    assert IndexIdentity("models/Foo v2", 8).collection("b") == "b__models-foo-v2__8"
    assert IndexIdentity("…", 8).collection("b") == "b__model__8"


@given(st.text(max_size=30))
def test_the_name_is_fit_for_a_url_and_a_folder(model: str) -> None:
    slug = IndexIdentity(model, 8).collection("books").removeprefix("books__")
    assert slug.replace("-", "").replace(".", "").replace("_", "").isalnum()
    assert slug.isascii()


def test_the_collection_it_was_made_for_is_accepted() -> None:
    GEMINI.require_collection(config(), "books")


def test_a_collection_without_metadata_is_judged_by_its_vectors() -> None:
    GEMINI.require_collection({**config(), "metadata": None}, "books")
    with pytest.raises(ConfigurationError, match="dimensions=384"):
        GEMINI.require_collection({**config(size=384), "metadata": None}, "books")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (config(size=384), "dimensions=384"),
        (config(distance="Dot"), "Dot"),
        ({**config(), "metadata": {"embedding_model": "other"}}, "embedding_model='other'"),
        ({**config(), "metadata": {"schema_version": 99}}, "schema_version=99"),
        ({"params": {"vectors": {"size": 768, "distance": "Cosine"}}}, "no vector named"),
        ({"params": {}}, "no vector named"),
    ],
)
def test_another_collection_is_refused_in_one_line(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        GEMINI.require_collection(changed, "books")
    assert "\n" not in str(caught.value)
    assert "books" in str(caught.value)
