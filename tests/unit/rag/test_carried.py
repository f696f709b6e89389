"""What the previous answer cited stays a candidate."""

from proxy.rag.carried import cited_text, with_carried
from proxy.rag.turn import Retrieved
from tests.support.builders import make_passages

FOUND = make_passages("One.", "Two.", "Three.")
CARRIED = make_passages("A.", "B.", "C.", "D.", "E.")[3:]


def test_the_cited_sentences_of_an_answer() -> None:
    answer = "Hello. It starts below **two** bar [2]. Who knows? It stops at four [1][2]."
    assert cited_text(answer) == ("It starts below two bar . It stops at four .", 2)
    assert cited_text("Nothing cited.") == ("", 0)
    assert len(cited_text("word " * 2_000 + "[1]")[0]) <= 1_200


def test_they_stand_behind_what_was_found() -> None:
    found = with_carried(
        Retrieved("grounded", "q", FOUND), CARRIED, top_k=8, max_context_tokens=999
    )
    assert found.passages == (*FOUND, *CARRIED)


def test_they_take_the_place_of_the_weakest() -> None:
    found = with_carried(
        Retrieved("grounded", "q", FOUND), CARRIED, top_k=3, max_context_tokens=999
    )
    assert found.passages == (FOUND[0], *CARRIED)
    assert (
        with_carried(
            Retrieved("grounded", "q", FOUND), CARRIED, top_k=1, max_context_tokens=999
        ).passages[0]
        == FOUND[0]
    )


def test_together_they_stay_within_the_budget() -> None:
    found = with_carried(Retrieved("grounded", "q", FOUND), CARRIED, top_k=8, max_context_tokens=9)
    assert found.passages == (FOUND[0], *CARRIED)


def test_what_was_found_again_is_not_repeated() -> None:
    found = Retrieved("grounded", "q", FOUND)
    assert with_carried(found, FOUND[:2], top_k=8, max_context_tokens=999) is found


def test_they_answer_where_nothing_else_does() -> None:
    found = with_carried(
        Retrieved("no-match", "q", nearby=FOUND), CARRIED, top_k=8, max_context_tokens=999
    )
    assert (found.status, found.reason) == ("grounded", "previous-answer")
    assert (found.passages, found.nearby) == (CARRIED, ())


def test_a_book_that_cannot_be_searched_stays_so() -> None:
    found = Retrieved("degraded", "q", reason="timeout")
    assert with_carried(found, CARRIED, top_k=8, max_context_tokens=999) is found
