"""The order of hits does not depend on the engine's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant.ranking import first_request_size, next_request_size, ranked
from proxy.lexical.bm25 import TermWeights
from proxy.queries import FloatVector, Hit, IndexQuery, Where

VECTOR = np.ones(2, dtype=np.float32)
WORDS: TermWeights = {7: 1.5}
coarse_scores = st.lists(st.sampled_from([0.1, 0.2, 0.3]), max_size=30)


@given(st.data(), coarse_scores, st.integers(1, 10))
def test_the_order_is_that_of_scores_and_ids_whatever_came_in(
    data: st.DataObject, scores: list[float], limit: int
) -> None:
    hits = [Hit(f"chunk-{n}", "manual", "a.md", score) for n, score in enumerate(scores)]
    query = IndexQuery(VECTOR, Where(), limit)
    best = ranked(hits, query)
    assert ranked(data.draw(st.permutations(hits)), query) == best
    assert len(best) == min(limit, len(hits))
    assert [hit.score for hit in best] == sorted(scores, reverse=True)[:limit]


@given(coarse_scores, st.integers(1, 10), st.sampled_from([VECTOR, WORDS]))
def test_asking_until_told_to_stop_finds_every_tie_at_the_cut(
    scores: list[float], limit: int, by: FloatVector | TermWeights
) -> None:
    stored = sorted(scores, reverse=True)
    asked: int | None = first_request_size(IndexQuery(by, Where(), limit))
    found: list[float] = []
    while asked is not None:
        assert asked > limit
        found = stored[:asked]
        asked = next_request_size(found, float, asked=asked, limit=limit)
    last = stored[limit - 1] if len(stored) >= limit else None
    assert found.count(last or 0.0) == stored.count(last or 0.0)


def test_some_ties_by_words_at_the_cut_cost_no_second_trip() -> None:
    scores = [2.0] * 8 + [1.0] * 5 + [0.5] * 20
    first = first_request_size(IndexQuery(WORDS, Where(), 10))
    assert next_request_size(scores[:first], float, asked=first, limit=10) is None


def test_a_book_of_equal_texts_is_not_asked_for_whole() -> None:
    asked: int | None = 11
    largest = 0
    while asked is not None:
        largest = asked
        asked = next_request_size([0.5] * asked, float, asked=asked, limit=10)
    assert largest < 5000


def test_rounding_beyond_the_range_of_a_cosine_is_cut_and_a_score_of_words_is_not() -> None:
    hits = [Hit(f"{n}", "manual", "a.md", s) for n, s in enumerate((1.0000001, 0.5, -1.0000002))]
    near = ranked(hits, IndexQuery(VECTOR, Where(), 9))
    assert [hit.score for hit in near] == [1.0, 0.5, -1.0]
    told = [Hit("one", "manual", "a.md", 17.5)]
    assert ranked(told, IndexQuery({7: 1.5}, Where(), 9)) == told
