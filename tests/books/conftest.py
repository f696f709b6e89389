"""Real books for the slow tests; `make test-books` sets PROXY_TEST_BOOKS=1, others skip them."""

import os

import pytest

IS_WANTED = os.environ.get("PROXY_TEST_BOOKS") == "1"  # noqa: TID251 - of the tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; where they are not wanted, leave one of them to say so."""
    ours = [item for item in items if "tests/books/" in item.nodeid]
    for item in ours:
        item.add_marker(pytest.mark.books)
        item.add_marker(pytest.mark.xdist_group("books"))
    if not IS_WANTED and ours:
        reason = f"{len(ours)} tests of real books: `make test-books` runs them"
        ours[0].add_marker(pytest.mark.skip(reason=reason))
        items[:] = [item for item in items if item not in ours[1:]]
