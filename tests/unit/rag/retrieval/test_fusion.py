"""Two lists to one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.queries import Hit
from proxy.rag.retrieval.fusion import (
    MEANING_SHARE,
    Candidate,
    convex,
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


def order(candidates: list[Candidate]) -> list[str]:
    """Return the ids."""
    return [candidate.chunk_id for candidate in candidates]


@given(names, names)
def test_everything_found_is_in_the_union_once_best_first(near: list[str], told: list[str]) -> None:
    for fused in (
        convex(ranked(near, 0.9), ranked(told, 20.0), LIMIT),
        reciprocal_ranks(ranked(near, 0.9), ranked(told, 20.0)),
    ):
        assert sorted(order(fused)) == sorted({*near, *told})
        assert [c.score for c in fused] == sorted((c.score for c in fused), reverse=True)
        assert all(0 <= c.score <= 1 + 1e-9 for c in fused)


@given(names)
def test_one_list_alone_keeps_its_order(near: list[str]) -> None:
    assert order(convex(ranked(near, 0.9), [], LIMIT)) == near
    assert order(convex([], ranked(near, 20.0), LIMIT)) == near
    assert order(reciprocal_ranks(ranked(near, 0.9), [])) == near


def test_the_best_of_both_lists_scores_one() -> None:
    (best, *_) = convex(hits(("a", 0.6), ("b", 0.5)), hits(("a", 12.0)), LIMIT)
    assert best.score == pytest.approx(1.0)
    assert (best.chunk_id, best.by_meaning, best.by_terms) == ("a", 0.6, 12.0)


def test_what_is_missing_from_a_full_list_gets_what_its_last_has() -> None:
    near = ranked(list("abcde"), 1.0)
    fused = {c.chunk_id: c for c in convex(near, hits(("z", 3.0), ("a", 3.0)), LIMIT)}
    assert fused["z"].by_meaning is None
    assert fused["z"].score == pytest.approx(MEANING_SHARE * 0.2 + (1 - MEANING_SHARE))


def test_the_only_chunk_with_the_word_is_told_from_those_without() -> None:
    near = hits(("a", 0.50), ("b", 0.49))
    assert order(convex(near, hits(("b", 7.0)), LIMIT)) == ["b", "a"]


def test_scores_that_are_no_good_do_no_harm() -> None:
    assert order(convex(hits(("a", -0.1), ("b", -0.2)), hits(("b", 2.0)), LIMIT)) == ["b", "a"]


def test_a_page_that_answers_in_several_places_goes_before_one_that_does_once() -> None:
    def on(page: str, name: str, score: float) -> Candidate:
        return Candidate(name, "manual", page, score, None, None)

    found = [on("x", "x1", 0.90), on("y", "y1", 0.89), on("y", "y2", 0.88)]
    found += [on(f"z{n}", f"z{n}", 0.2) for n in range(4)]
    assert order(with_pages(found))[:3] == ["y1", "y2", "x1"]
    assert with_pages([]) == []
