"""What JSON lets through is made fit to be written again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai_compat.text import clean_json, clean_text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whole_characters_stay_as_they_are(text: str) -> None:
    assert clean_text(text) == text


@given(st.text(st.characters(categories=["Cs", "Lu", "So"])))
def test_whatever_comes_can_be_written(text: str) -> None:
    clean_text(text).encode()


def test_half_a_character_is_marked_and_two_halves_are_one() -> None:
    assert clean_text("a\ud83d") == "a\ufffd"
    assert clean_text("\ud83d\ude00") == "😀"


def test_null_is_nothing_and_other_things_are_no_text() -> None:
    assert clean_text(None) == ""
    with pytest.raises(TypeError):
        clean_text(1)


def test_json_is_cleaned_throughout() -> None:
    assert clean_json({"a\ud83d": ["\ud83d", 1, None, {"b": 0.5}]}) == {
        "a\ufffd": ["\ufffd", 1, None, {"b": 0.5}]
    }
