"""Contraries, by their stems."""

from proxy.language.opposites import ALIKE, OPPOSITES
from proxy.language.words import stem


def test_opposites_go_both_ways() -> None:
    assert stem("after") in OPPOSITES[stem("before")]
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)


def test_no_word_is_its_own_opposite() -> None:
    assert all(word not in others for word, others in OPPOSITES.items())


def test_what_stands_on_one_side_is_not_opposed() -> None:
    assert stem("larger") not in OPPOSITES[stem("bigger")]
    assert {stem("smaller")} <= OPPOSITES[stem("larger")] & OPPOSITES[stem("bigger")]


def test_of_many_sides_each_is_contrary_to_all_others() -> None:
    assert {stem("green"), stem("blue")} <= OPPOSITES[stem("red")]
    assert stem("blue") in OPPOSITES[stem("green")]


def test_what_is_alike_is_on_one_side() -> None:
    assert stem("larger") in ALIKE[stem("bigger")]
    assert all(ALIKE[word].isdisjoint(OPPOSITES[word]) for word in OPPOSITES)
