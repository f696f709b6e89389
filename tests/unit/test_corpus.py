"""Names of books."""

import pytest

from proxy.corpus import check_book_id
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
