"""Two lists to one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.queries import Hit
from proxy.rag.retrieval.fusion import (
    MEANING_SHARE,
    Candidate,
    Pool,
    Scores,
    best_first,
    convex,
    on_scale,
    pooled,
    reciprocal_ranks,
    with_pages,
)

LIMIT = 5
names = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=LIMIT)


def hits(*scored: tuple[str, float]) -> list[Hit]:
    """Return hits, best first."""
    return [Hit(name, "manual", f"{name}.md", score) for name, score in scored]


def ranked(found: list[str], top: float) -> list[Hit]:
    """Return hits of falling scores."""
    return hits(*((name, top / (n + 1)) for n, name in enumerate(found)))


def order(found: Pool, scores: Scores) -> list[str]:
    """Return the ids, best first."""
    return [candidate.chunk_id for candidate in best_first(found, scores)]


@given(names, names)
def test_everything_found_is_in_the_union_once_best_first(near: list[str], told: list[str]) -> None:
    lists = ranked(near, 0.9), ranked(told, 20.0)
    pool = pooled(*lists)
    for fused in (convex(pool, LIMIT), reciprocal_ranks(pool)):
        candidates = best_first(pool, fused)
        assert sorted(c.chunk_id for c in candidates) == sorted({*near, *told})
        scores = [c.score for c in candidates]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 + 1e-9 for score in scores)


@given(names)
def test_one_list_alone_keeps_its_order(near: list[str]) -> None:
    none: list[Hit] = []
    for lists in ((ranked(near, 0.9), none), (none, ranked(near, 20.0))):
        pool = pooled(*lists)
        assert order(pool, convex(pool, LIMIT)) == near
        assert order(pool, reciprocal_ranks(pool)) == near


@given(names, names)
def test_ranks_alone_count_where_scores_cannot_be_compared(
    near: list[str], told: list[str]
) -> None:
    lists = ranked(near, 0.9), ranked(told, 20.0)
    pool = pooled(*lists)
    for candidate in best_first(pool, reciprocal_ranks(pool)):
        ranks = [
            of.index(candidate.chunk_id) + 1 for of in (near, told) if candidate.chunk_id in of
        ]
        assert candidate.score == pytest.approx(sum(61 / (60 + rank) for rank in ranks) / 2)


def test_the_best_of_both_lists_scores_one() -> None:
    pool = pooled(hits(("a", 0.6), ("b", 0.5)), hits(("a", 12.0)))
    (best, *_) = best_first(pool, convex(pool, LIMIT))
    assert best == Candidate("a", "manual", "a.md", best.score, 0.6, 12.0)
    assert best.score == pytest.approx(1.0)


def test_what_is_missing_from_a_full_list_gets_what_its_last_has() -> None:
    pool = pooled(ranked(list("abcde"), 1.0), hits(("z", 3.0), ("a", 3.0)))
    (z,) = (c for c in best_first(pool, convex(pool, LIMIT)) if c.chunk_id == "z")
    assert z.by_meaning is None
    assert z.score == pytest.approx(MEANING_SHARE * 0.2 + (1 - MEANING_SHARE))


def test_the_only_chunk_with_the_word_is_told_from_those_without() -> None:
    pool = pooled(hits(("a", 0.50), ("b", 0.49)), hits(("b", 7.0)))
    assert order(pool, convex(pool, LIMIT)) == ["b", "a"]


def test_scores_that_are_no_good_do_no_harm() -> None:
    pool = pooled(hits(("a", -0.1), ("b", -0.2)), hits(("b", 2.0)))
    assert order(pool, convex(pool, LIMIT)) == ["b", "a"]


def test_what_ties_stays_in_the_order_of_its_list_and_the_nearest_go_first() -> None:
    pool = pooled(hits(("b", 0.5), ("a", 0.5)), hits(("c", 9.0)))
    assert order(pool, reciprocal_ranks(pool)) == ["b", "c", "a"]
    assert order(pool, np.zeros(3)) == ["b", "a", "c"]


def test_candidates_are_the_same_however_they_are_looked_at() -> None:
    pool = pooled(ranked(list("abc"), 0.9), ranked(list("cd"), 20.0))
    ranking = best_first(pool, convex(pool, LIMIT))
    assert [ranking[n] for n in range(len(ranking))] == list(ranking) == ranking[:]
    assert ranking[1:3] == list(ranking)[1:3]
    assert ranking[-1] == list(ranking)[-1]


def test_a_page_that_answers_in_several_places_goes_before_one_that_does_once() -> None:
    near = [Hit("x1", "manual", "x", 0.90), Hit("y1", "manual", "y", 0.89)]
    near += [Hit("y2", "manual", "y", 0.88)]
    near += [Hit(f"z{n}", "manual", f"z{n}", 0.2) for n in range(4)]
    pool = pooled(near, [])
    scores = np.array([hit.score for hit in near])
    assert order(pool, with_pages(pool, scores))[:3] == ["y1", "y2", "x1"]


def test_nothing_found_is_nothing_in_every_order() -> None:
    pool = pooled([], [])
    for fused in (convex(pool, LIMIT), reciprocal_ranks(pool)):
        assert list(best_first(pool, on_scale(with_pages(pool, fused), 0.7))) == []


@given(names, names)
def test_the_best_gets_the_score_of_the_match_and_the_order_stays(
    near: list[str], told: list[str]
) -> None:
    pool = pooled(ranked(near, 0.9), ranked(told, 20.0))
    fused = convex(pool, LIMIT)
    found = best_first(pool, fused, on_scale(fused, 0.7))
    assert [c.chunk_id for c in found] == order(pool, fused)
    assert [c.score for c in found[:1]] == [pytest.approx(0.7)] * bool(found)


def test_scores_that_are_no_good_have_no_scale() -> None:
    assert on_scale(np.array([-0.5, -0.6]), 0.7).tolist() == [-0.5, -0.6]
