"""Lists of words that deny: what is in one must not be in another."""

from proxy.language.polarity import IMPLICIT, LASTING, NEGATORS, OPPOSITES, PASSING
from proxy.language.words import stem


def test_no_word_denies_in_two_ways() -> None:
    lists = [NEGATORS, IMPLICIT, LASTING, PASSING]
    assert len({word for words in lists for word in words}) == sum(map(len, lists))


def test_opposites_go_both_ways() -> None:
    assert stem("after") in OPPOSITES[stem("before")]
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)
