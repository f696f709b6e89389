"""The order of passages does not depend on the engine's."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant.ranking import cosine, next_request_size, ranked
from tests.support.builders import make_passage

coarse_scores = st.lists(st.sampled_from([0.1, 0.2, 0.3]), max_size=30)


@given(st.data(), coarse_scores, st.integers(1, 10))
def test_the_order_is_that_of_scores_and_ids_whatever_came_in(
    data: st.DataObject, scores: list[float], limit: int
) -> None:
    passages = [make_passage(score=score, position=n) for n, score in enumerate(scores)]
    best = ranked(passages, limit)
    assert ranked(data.draw(st.permutations(passages)), limit) == best
    assert len(best) == min(limit, len(passages))
    assert [passage.score for passage in best] == sorted(scores, reverse=True)[:limit]


@given(coarse_scores, st.integers(1, 10))
def test_asking_until_told_to_stop_finds_every_tie_at_the_cut(
    scores: list[float], limit: int
) -> None:
    stored = sorted(scores, reverse=True)
    asked: int | None = limit + 1
    found: list[float] = []
    while asked is not None:
        found = stored[:asked]
        asked = next_request_size(found, asked=asked, limit=limit)
    last = stored[limit - 1] if len(stored) >= limit else None
    assert found.count(last or 0.0) == stored.count(last or 0.0)


def test_a_book_of_equal_texts_is_not_asked_for_whole() -> None:
    asked: int | None = 11
    largest = 0
    while asked is not None:
        largest = asked
        asked = next_request_size([0.5] * asked, asked=asked, limit=10)
    assert largest < 5000


def test_rounding_beyond_the_range_of_a_cosine_is_cut() -> None:
    assert [cosine(score) for score in (1.0000001, -1.0000002, 0.5)] == [1.0, -1.0, 0.5]
