"""Two lists to one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.queries import Hit
from proxy.rag.retrieval.fusion import (
    MEANING_SHARE,
    candidates_of,
    convex,
    on_scale,
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


@given(names, names)
def test_everything_found_is_in_the_union_once_best_first(near: list[str], told: list[str]) -> None:
    for fused in (
        convex(ranked(near, 0.9), ranked(told, 20.0), LIMIT),
        reciprocal_ranks(ranked(near, 0.9), ranked(told, 20.0)),
    ):
        assert sorted(fused) == sorted({*near, *told})
        assert list(fused.values()) == sorted(fused.values(), reverse=True)
        assert all(0 <= score <= 1 + 1e-9 for score in fused.values())


@given(names)
def test_one_list_alone_keeps_its_list(near: list[str]) -> None:
    assert list(convex(ranked(near, 0.9), [], LIMIT)) == near
    assert list(convex([], ranked(near, 20.0), LIMIT)) == near
    assert list(reciprocal_ranks(ranked(near, 0.9), [])) == near


def test_the_best_of_both_lists_scores_one() -> None:
    near, told = hits(("a", 0.6), ("b", 0.5)), hits(("a", 12.0))
    (best, *_) = candidates_of(convex(near, told, LIMIT), near, told)
    assert best.score == pytest.approx(1.0)
    assert (best.chunk_id, best.by_meaning, best.by_terms) == ("a", 0.6, 12.0)


def test_what_is_missing_from_a_full_list_gets_what_its_last_has() -> None:
    near = ranked(list("abcde"), 1.0)
    told = hits(("z", 3.0), ("a", 3.0))
    fused = convex(near, told, LIMIT)
    assert next(c for c in candidates_of(fused, near, told) if c.chunk_id == "z").by_meaning is None
    assert fused["z"] == pytest.approx(MEANING_SHARE * 0.2 + (1 - MEANING_SHARE))


def test_the_only_chunk_with_the_word_is_told_from_those_without() -> None:
    near = hits(("a", 0.50), ("b", 0.49))
    assert list(convex(near, hits(("b", 7.0)), LIMIT)) == ["b", "a"]


def test_scores_that_are_no_good_do_no_harm() -> None:
    assert list(convex(hits(("a", -0.1), ("b", -0.2)), hits(("b", 2.0)), LIMIT)) == ["b", "a"]


def test_a_page_that_answers_in_several_places_goes_before_one_that_does_once() -> None:
    near = [Hit("x1", "manual", "x", 0.90), Hit("y1", "manual", "y", 0.89)]
    near += [Hit("y2", "manual", "y", 0.88)]
    near += [Hit(f"z{n}", "manual", f"z{n}", 0.2) for n in range(4)]
    scores = {hit.chunk_id: hit.score for hit in near}
    assert list(with_pages(scores, near))[:3] == ["y1", "y2", "x1"]
    assert with_pages({}) == {}


@given(names, names)
def test_the_best_gets_the_score_of_the_match_and_the_order_stays(
    near: list[str], told: list[str]
) -> None:
    fused = convex(ranked(near, 0.9), ranked(told, 20.0), LIMIT)
    scaled = on_scale(fused, 0.7)
    assert list(scaled) == list(fused)
    assert list(scaled.values())[:1] == [pytest.approx(0.7)] * bool(fused)


def test_scores_that_are_no_good_have_no_scale() -> None:
    assert on_scale({"a": -0.5, "b": -0.6}, 0.7) == {"a": -0.5, "b": -0.6}


def test_ties_are_broken_by_id() -> None:
    assert list(convex(hits(("b", 0.5), ("a", 0.5)), [], LIMIT)) == ["a", "b"]
