"""The fake's embeddings: alike for like texts, and as awkward as the real ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.gemini_vectors import bag_of_words, embedding


def similarity(one: str, other: str, dimensions: int = 768) -> float:
    return float(bag_of_words(one, dimensions) @ bag_of_words(other, dimensions))


@pytest.mark.parametrize("dimensions", [128, 768, 3072])
def test_texts_that_share_words_are_nearer(dimensions: int) -> None:
    question = "Who may borrow a value?"
    near = similarity(question, "A value may be borrowed or moved: borrow it often.", dimensions)
    far = similarity(question, "Install the compiler with your package manager.", dimensions)
    assert near > far + 0.05
    assert far > 0.3


@pytest.mark.parametrize(
    ("model", "dimensions", "norm"),
    [
        ("gemini-embedding-001", 768, 0.58),
        ("gemini-embedding-001", 3072, 1.0),
        ("gemini-embedding-2", 768, 1.0),
    ],
)
def test_only_whole_vectors_of_the_older_model_have_unit_length(
    model: str, dimensions: int, norm: float
) -> None:
    vector = embedding("a text", model=model, dimensions=dimensions)
    assert len(vector) == dimensions
    assert np.linalg.norm(vector) == pytest.approx(norm)


@given(st.text(), st.sampled_from([128, 256, 768]))
def test_every_text_has_a_unit_vector_of_its_own_making(text: str, dimensions: int) -> None:
    vector = bag_of_words(text, dimensions)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert (vector == bag_of_words(text, dimensions)).all()
