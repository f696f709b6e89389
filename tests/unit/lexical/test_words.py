"""What a text is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.lexical.words import terms_of

english = terms_of("en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("borrowing references", "Borrowed reference"),
        ("numColumns", "columns"),
        ("PROXY_TOP_K", "proxy"),
        ("read_to_string()", "read"),
        ("HTTPServer", "server"),
        ("ﬁle", "file"),
    ],
)
def test_forms_of_a_word_have_a_term_in_common(one: str, other: str) -> None:
    assert set(english(one)) & set(english(other))


def test_an_identifier_is_found_whole_and_in_parts() -> None:
    assert {"numcolumn", "num", "column"} <= set(english("numColumns"))
    assert "proxy_top_k" in english("PROXY_TOP_K")


def test_operators_of_programs_are_terms_and_stops_are_none() -> None:
    assert english("std::io -> &str.") == ["std", "io", "str", "::", "->", "&"]


def test_text_without_spaces_is_found_by_pairs() -> None:
    assert english("機械学習") == ["機械", "械学", "学習"]
    assert english("字") == ["字"]


def test_vowel_signs_and_accents_do_not_end_a_word() -> None:
    assert terms_of("xx")("किताब") == ["किताब"]
    assert terms_of("ur")("یہ کتاب ہے") == ["یہ", "کتاب", "ہے"]


def test_words_are_stemmed_as_their_language_wants() -> None:
    assert set(terms_of("de")("Häuser")) == set(terms_of("de")("häusern"))
    assert english("häuser") != english("häusern")


def test_what_is_no_word_is_left_out() -> None:
    assert english("___ " + "x" * 65 + " ok") == ["ok"]


@given(st.text(max_size=200))
def test_any_text_has_terms_none_of_them_empty_and_always_the_same(text: str) -> None:
    found = english(text)
    assert all(found)
    assert found == english(text)
