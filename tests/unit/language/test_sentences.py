"""Cutting prose into sentences."""
# ruff: noqa: RUF001 - punctuation of many scripts is the subject

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.language.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Use 1.2.3 or main.py. Then go.", ["Use 1.2.3 or main.py.", "Then go."]),
        ("Editors, e.g. Vim, work. See Fig. 3.", ["Editors, e.g. Vim, work.", "See Fig. 3."]),
        ("Ask J. Smith. He knows.", ["Ask J. Smith.", "He knows."]),
        ("1. First of all", ["1. First of all"]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("It stops ... and goes on. so it does.", ["It stops ... and goes on. so it does."]),
        ("Call `a. B` first. `c` comes next.", ["Call `a. B` first.", "`c` comes next."]),
        ("Wait. (Really.) Go.", ["Wait.", "(Really.)", "Go."]),
        ("これは文です。次の文！終わり", ["これは文です。", "次の文！", "終わり"]),
        ("یہ ایک جملہ ہے۔ کیا یہ دوسرا ہے؟ ہاں", ["یہ ایک جملہ ہے۔", "کیا یہ دوسرا ہے؟", "ہاں"]),
        ("यह वाक्य है। दूसरा।", ["यह वाक्य है।", "दूसरा।"]),
        ("Done. ...", ["Done. ..."]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text(st.sampled_from("ab A.!?。۔` \n\"'(1e.g."), max_size=80))
def test_nothing_but_white_space_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_a_text_that_never_ends_a_sentence_costs_no_more_than_its_length() -> None:
    text = "e.g. " * 60_000
    assert split_sentences(text) == [text.strip()]
