"""Contraries, by their stems."""

from proxy.language.opposites import OPPOSITES
from proxy.language.words import stem


def test_opposites_go_both_ways() -> None:
    assert stem("after") in OPPOSITES[stem("before")]
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)


def test_no_word_is_its_own_opposite() -> None:
    assert all(word not in others for word, others in OPPOSITES.items())


def test_what_stands_on_one_side_is_not_opposed() -> None:
    assert stem("larger") not in OPPOSITES[stem("bigger")]
    assert {stem("smaller")} <= OPPOSITES[stem("larger")] & OPPOSITES[stem("bigger")]
