"""How many passages fit in one prompt."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.language.tokens import tokens_in
from proxy.rag.budget import fitting
from tests.support.builders import make_passage

SIZES = st.lists(st.integers(0, 400), max_size=12)


@given(SIZES, st.integers(1, 600))
def test_they_never_exceed_the_budget_but_for_the_first(sizes: list[int], budget: int) -> None:
    passages = [make_passage("x" * size, position=i) for i, size in enumerate(sizes)]
    kept = fitting(passages, budget)
    assert kept == passages[: len(kept)]
    assert len(kept) >= min(1, len(passages))
    if len(kept) > 1:
        assert sum(tokens_in(passage.chunk.text) for passage in kept) <= budget
