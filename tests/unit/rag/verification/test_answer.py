"""A whole answer."""

from proxy.rag.markers import MarkerScanner
from proxy.rag.verification.answer import MAX_CLAIMS, CheckedAnswer, check_answer
from tests.support.builders import make_passages

PASSAGES = make_passages("The pump starts below two bar.", "The valve closes at four bar.")


def checked(answer: str) -> CheckedAnswer:
    scanner = MarkerScanner(len(PASSAGES))
    text = scanner.feed(answer) + scanner.finish()
    return check_answer(text, scanner.markers, PASSAGES)


def test_each_cited_sentence_is_checked_against_what_it_cites() -> None:
    outcome = checked("The pump starts below two bar [1]. The valve closes at four bar [1].")
    assert outcome.claims[0].reasons == ()
    (unsupported,) = outcome.unsupported
    assert unsupported.claim.numbers == [1]
    assert "number" in unsupported.reasons


def test_each_marker_has_the_line_it_rests_on_in_its_own_passage() -> None:
    outcome = checked("The pump starts below two bar and the valve closes at four [1][2]. No [2].")
    texts = [line.text if line else None for line in outcome.lines]
    assert texts[:2] == ["The pump starts below two bar.", "The valve closes at four bar."]
    assert len(texts) == 3


def test_what_is_not_supported_rests_on_no_line() -> None:
    assert checked("The pump starts below nine bar [1].").lines == (None,)


def test_an_answer_of_endless_claims_is_checked_up_to_a_bound() -> None:
    outcome = checked("The pump starts [1].\n\n" * (MAX_CLAIMS + 1))
    assert len(outcome.claims) == MAX_CLAIMS
    assert len(outcome.lines) == MAX_CLAIMS + 1


def test_the_number_of_a_step_is_no_number_that_the_passage_must_hold() -> None:
    answer = "1. The pump starts below two bar. [1]\n7. The valve closes at four bar. [2]"
    outcome = checked(answer)
    assert len(outcome.claims) == 2
    assert outcome.unsupported == []
