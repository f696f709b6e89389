"""What a question asks for."""

from proxy.lexical.questions import CODE_WEIGHT, question_terms


def test_words_that_only_make_it_a_question_are_left_out() -> None:
    assert question_terms("How do I undo an update?", "en") == {"undo": 1.0, "updat": 1.0}


def test_a_question_of_such_words_alone_keeps_them() -> None:
    assert question_terms("What is it?", "en") == {"what": 1.0, "is": 1.0, "it": 1.0}


def test_what_stands_in_a_listing_counts_half_beside_words() -> None:
    asked = question_terms("Why does it panic?\n```rust\nlet total = panic;\n```", "en")
    assert asked["panic"] == 1.0 + CODE_WEIGHT
    assert asked["total"] == CODE_WEIGHT


def test_a_listing_alone_counts_whole() -> None:
    assert question_terms("```\nlet total = 1\n```", "en")["total"] == 1.0


def test_a_listing_that_never_ends_is_one() -> None:
    assert question_terms("Explain:\n```\nlet total", "en")["total"] == CODE_WEIGHT


def test_an_empty_question_asks_for_nothing() -> None:
    assert question_terms("", "en") == {}
    assert question_terms("?!", "ur") == {}
