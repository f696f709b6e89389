"""Lists of words that deny: what is in one must not be in another."""

from proxy.language.polarity import IMPLICIT, LASTING, NEGATORS, PASSING


def test_no_word_denies_in_two_ways() -> None:
    lists = [NEGATORS, IMPLICIT, LASTING, PASSING]
    assert len({word for words in lists for word in words}) == sum(map(len, lists))
