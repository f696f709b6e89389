"""Which books are searched together."""

from dataclasses import replace

import numpy as np

from proxy.lexical.bm25 import Lexicon
from proxy.queries import Where
from proxy.rag.retrieval.modes import groups_of
from tests.support.core_ports import make_book, make_lexicon

ENGLISH = [replace(make_book(name), language="en") for name in ("a", "b")]
GERMAN = replace(make_book("de"), language="de")
VECTOR = np.ones(2, dtype=np.float32)
LEXICONS: dict[str, Lexicon | None] = {name: make_lexicon("undo", "updat") for name in "ab"}


def test_books_of_one_language_are_one_search_by_meaning_and_one_by_words() -> None:
    (group,) = groups_of("undo?", ENGLISH, LEXICONS, {}, "hybrid")
    by_meaning, by_words = group.queries(VECTOR, Where(folders=("x",)), 9)
    assert by_meaning.by is VECTOR
    assert isinstance(by_words.by, dict)
    assert by_words.where == by_meaning.where == Where(books=("a", "b"), folders=("x",))


def test_another_language_is_a_search_of_its_own() -> None:
    lexicons = {**LEXICONS, "de": make_lexicon("undo")}
    groups = groups_of("undo?", [*ENGLISH, GERMAN], lexicons, {}, "hybrid")
    assert [group.books for group in groups] == [("a", "b"), ("de",)]


def test_a_book_without_terms_is_found_by_meaning() -> None:
    groups = groups_of("undo?", ENGLISH, {**LEXICONS, "b": None}, {}, "bm25")
    assert [(group.books, group.by_meaning) for group in groups] == [
        (("a",), False),
        (("b",), True),
    ]
    assert len(groups[1].queries(VECTOR, Where(), 9)) == 1


def test_each_book_has_its_mode() -> None:
    groups = groups_of("undo?", ENGLISH, LEXICONS, {"b": "dense"}, "rrf")
    assert [(group.books, group.mode) for group in groups] == [(("a",), "rrf"), (("b",), "dense")]
    assert groups[1].terms is None
