"""Does a turn stand alone, and what does it ask when it does not?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.rag.followup import resolved, stands_alone

BEFORE = ["How do I install the borrow checker?"]


@pytest.mark.parametrize(
    "question",
    [
        "What is the relevance floor?",
        "How do I make sure that the server restarts?",
        "Is it possible to run several workers?",
        "How long does it take to index a large book?",
        "Which function returns the page that was found?",
        "What does this page say about ports?",
        "If I delete a book by mistake, can I get it back?",
        "Thanks! How do I back up the index?",
        "When a passage has no page, where does it lead?",
        "Wie sichere ich den Index?",
        "如何备份索引？",  # noqa: RUF001 - Chinese
    ],
)
def test_a_whole_question_stands_alone_and_is_left_as_it_is(question: str) -> None:
    assert stands_alone(question, BEFORE)
    assert resolved(question, BEFORE) == question


@pytest.mark.parametrize(
    "question",
    [
        "How does it work?",
        "Why?",
        "And on Windows?",
        "What about the second one?",
        "How do I undo that?",
        "Is that safe?",
        "Why is this slow?",
        "yes please",
        "ok, go on",
        "Can you give me an example?",
        "On Windows?",
        "Can I do so from a script?",
        "And how do they differ?",
        "Why not there?",
        "Can I have it cut instead?",
        "¿Y cómo se borra eso?",
        "Et pour cela ?",
        "Und wie geht das dafür?",
        "اور یہ کیسے کام کرتا ہے؟",
        "وكيف يعمل ذلك؟",
        "它是如何工作的？",  # noqa: RUF001 - Chinese
    ],
)
def test_a_follow_up_does_not_stand_alone(question: str) -> None:
    assert not stands_alone(question, BEFORE)


def test_the_first_question_always_stands_alone() -> None:
    assert stands_alone("How does it work?", [])
    assert resolved("Why?", []) == "Why?"


@pytest.mark.parametrize(
    ("earlier", "question", "asked"),
    [
        (
            ["What is the offline reader?"],
            "What can it not do?",
            "What can the offline reader not do?",
        ),
        (["How do I update a book?"], "How do I undo that?", "How do I undo update a book?"),
        (
            ["How do I install Qdrant on Debian?"],
            "How do I remove it?",
            "How do I remove Qdrant on Debian?",
        ),
        (["What is a chunk?"], "How large are they?", "How large are a chunk?"),
        (["How does streaming work?"], "And the citations?", "the citations streaming"),
        (["What is a chunk?", "How large are they?"], "And why?", "why large a chunk"),
        (
            ["What is a chunk?", "What is an edition?"],
            "How do I name it?",
            "How do I name an edition?",
        ),
        (["Thanks"], "Why?", "Why?"),
        (["Explain `PROXY_TOP_K`."], "Is that per request?", "Is `PROXY_TOP_K` per request?"),
    ],
)
def test_what_it_refers_to_is_put_in(earlier: list[str], question: str, asked: str) -> None:
    assert resolved(question, earlier) == asked


def test_the_conversation_is_never_strung_together() -> None:
    earlier = [f"What is topic number {n} of the long manual about books?" for n in range(9)]
    asked = resolved("How does it work?", earlier)
    assert "number 8" in asked
    assert "number 7" not in asked
    assert len(asked.split()) < 20


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=120))
def test_whatever_was_said_something_is_asked(earlier: list[str], question: str) -> None:
    asked = resolved(question, earlier)
    assert asked.strip() or not question.strip(" \t\r\n?.!,;:") or not earlier
