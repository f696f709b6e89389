"""Lists of words that deny: what is in one must not be in another."""

from proxy.language.polarity import IMPLICIT, NEGATORS, denied_by_affix


def test_no_word_denies_in_two_ways() -> None:
    assert NEGATORS.isdisjoint(IMPLICIT)


def test_what_a_word_denies_by_its_beginning() -> None:
    words = ["unencrypted", "nonexistent", "insensitive", "under", "until"]
    assert [denied_by_affix(word) for word in words] == [
        "encrypted",
        "existent",
        "sensitive",
        None,
        None,
    ]
