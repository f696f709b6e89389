"""Comparable words."""

from proxy.language.words import terms


def test_forms_of_a_word_are_one_term() -> None:
    assert terms("Installing installs") == terms("the install")


def test_words_that_only_ask_do_not_count() -> None:
    assert terms("How do I get it to work?") == set()


def test_parts_of_a_compound_name_are_found() -> None:
    assert {"num", "column", "numcolumn"} <= terms("`numColumns`")
    assert {"data", "dir"} <= terms("DATA_DIR")


def test_scripts_without_spaces_are_compared_by_pairs() -> None:
    assert terms("数据库") == {"数据", "据库"}
    assert terms("水") == {"水"}


def test_other_scripts_are_compared_word_by_word() -> None:
    assert terms("کتاب پڑھنا") == {"کتاب", "پڑھنا"}
