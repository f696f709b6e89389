"""Names of editions are unique, sort by time, and lead nowhere else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.qdrant.naming import (
    book_point_id,
    chunk_point_id,
    edition_key,
    edition_name,
    manifest_point_id,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=9000)))
def test_names_made_later_sort_behind(later: timedelta) -> None:
    first = edition_name(None, taken=(), now=NOON)
    assert first < edition_name(None, taken=(), now=NOON + later)


def test_names_made_in_the_same_instant_differ() -> None:
    assert len({edition_name(None, taken=(), now=NOON) for _ in range(50)}) > 45


def test_a_free_name_is_taken_as_it_is_and_a_used_one_gets_the_time() -> None:
    assert edition_name("2nd", taken={"1st"}) == "2nd"
    assert edition_name("2nd", taken={"2nd"}, now=NOON).startswith("2nd-20261120T120000")
    assert len(edition_name("x" * 128, taken={"x" * 128})) <= 128


def test_points_of_different_editions_books_and_kinds_never_share_an_id() -> None:
    keys = [edition_key("a", "1"), edition_key("a", "2"), edition_key("b", "1")]
    ids = [chunk_point_id(key, chunk) for key in keys for chunk in ("x", "y")]
    ids += [manifest_point_id(key) for key in keys]
    ids += [book_point_id(book) for book in ("a", "b")]
    assert len(set(ids)) == len(ids)
