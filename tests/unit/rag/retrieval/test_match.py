"""How sure it is that the book answers."""

import pytest

from proxy.lexical.bm25 import QuestionWeights
from proxy.queries import Hit
from proxy.rag.retrieval.match import MatchScale

SCALE = MatchScale(floor=0.30)
ASKED = QuestionWeights({1: 2.0}, possible=10.0)


def hit(score: float) -> list[Hit]:
    """Return what one search found."""
    return [Hit("x", "manual", "a.md", score)]


def test_by_meaning_alone_a_score_is_the_cosine() -> None:
    assert SCALE.match(hit(0.42), (), None) == 0.42
    assert SCALE.least(by_meaning=True, by_terms=False) == 0.30


def test_by_words_alone_it_is_the_share_of_the_words() -> None:
    assert SCALE.match(None, hit(7.5), ASKED) == 0.75
    assert SCALE.match(None, (), ASKED) == 0.0
    assert SCALE.least(by_meaning=False, by_terms=True) == 0.30


def test_words_lift_a_passage_that_is_near_and_missing_words_hold_it_down() -> None:
    least = SCALE.least(by_meaning=True, by_terms=True)
    assert SCALE.match(hit(0.38), hit(8.0), ASKED) > least
    assert SCALE.match(hit(0.38), hit(1.0), ASKED) < least
    assert SCALE.match(hit(0.30), hit(5.0), ASKED) == pytest.approx(least)


@pytest.mark.parametrize("floor", [0.30, 0.40, 0.55])
def test_scores_stay_within_their_range_whatever_the_model(floor: float) -> None:
    scale = MatchScale(floor)
    assert scale.match(hit(1.0), hit(10.0), ASKED) == pytest.approx(1.0)
    assert -1 <= scale.match((), (), ASKED) < scale.least(by_meaning=True, by_terms=True) < 1


def test_a_question_of_no_words_is_judged_by_its_meaning() -> None:
    nothing = QuestionWeights({}, possible=0.0)
    assert SCALE.match(hit(0.9), (), nothing) > SCALE.least(by_meaning=True, by_terms=True)
