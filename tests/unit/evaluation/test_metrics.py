"""Figures of a ranking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.evaluation.metrics import interval, ndcg, recall, reciprocal_rank

GAINS = {"a": 2, "b": 1}


def test_the_best_ranking_has_everything() -> None:
    ranking = ["a", "b", "x"]
    assert ndcg(ranking, GAINS, 10) == recall(ranking, GAINS, 10) == 1.0
    assert reciprocal_rank(ranking, GAINS, 10) == 1.0


def test_a_document_counts_for_less_the_lower_it_stands() -> None:
    assert ndcg(["x", "a", "y", "b"], GAINS, 10) == pytest.approx(0.643322, abs=1e-6)
    assert reciprocal_rank(["x", "a"], GAINS, 10) == 0.5
    assert recall(["x", "a"], GAINS, 10) == 0.5


def test_what_stands_behind_the_first_k_does_not_count() -> None:
    assert ndcg(["x", "a"], GAINS, 1) == recall(["x", "a"], GAINS, 1) == 0.0
    assert reciprocal_rank(["x", "a"], GAINS, 1) == 0.0


def test_without_gains_there_is_nothing_to_gain() -> None:
    assert ndcg(["a"], {}, 10) == recall(["a"], {}, 10) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_lies_around_the_mean_and_is_always_the_same(values: list[float]) -> None:
    low, high = interval(values)
    assert min(values) - 1e-9 <= low <= sum(values) / len(values) + 1e-9
    assert sum(values) / len(values) - 1e-9 <= high <= max(values) + 1e-9
    assert interval(values) == (low, high)


def test_nothing_has_no_interval() -> None:
    assert interval([]) == (0.0, 0.0)
