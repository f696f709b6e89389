"""Names of books and editions."""

import pytest

from proxy.corpus import check_book_id, check_edition
from proxy.errors import InvalidRequest


@pytest.mark.parametrize("book_id", ["a", "7", "my-book_2.0", "x" * 64])
def test_plain_names_are_book_ids(book_id: str) -> None:
    assert check_book_id(book_id) == book_id


@pytest.mark.parametrize(
    "book_id", ["", "A", "-a", ".a", "a/b", "a b", "ü", "a\n", "x" * 65, "../a", "x" * 10_000]
)
def test_other_names_are_refused_in_one_short_line(book_id: str) -> None:
    with pytest.raises(InvalidRequest) as failure:
        check_book_id(book_id)
    assert failure.value.param == "book"
    assert "\n" not in failure.value.message
    assert len(failure.value.message) < 250


@pytest.mark.parametrize("edition", ["1", "2nd", "Second.Edition_2-a", "x" * 128])
def test_plain_names_are_names_of_editions(edition: str) -> None:
    assert check_edition(edition) == edition


@pytest.mark.parametrize("edition", ["", "..", ".a", "a/b", "a b", "a\n", "x" * 129, "x" * 10_000])
def test_other_names_of_editions_are_refused_in_one_short_line(edition: str) -> None:
    with pytest.raises(InvalidRequest) as failure:
        check_edition(edition)
    assert failure.value.param == "edition"
    assert "\n" not in failure.value.message
    assert len(failure.value.message) < 250
