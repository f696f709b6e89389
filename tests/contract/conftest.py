"""What contract tests run against."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.support.book_stores import BookStore, embedded_store, server_store
from tests.support.qdrant_server import running_qdrant


@pytest.fixture(scope="session")
def qdrant_url() -> Generator[str]:
    """A Qdrant server, one per test process."""
    with running_qdrant() as url:
        yield url


@pytest.fixture(params=["embedded", "server"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[BookStore]:
    """An empty index, of each kind in turn."""
    opened = (
        embedded_store(tmp_path / "index")
        if request.param == "embedded"
        else server_store(request.getfixturevalue("qdrant_url"))
    )
    async with opened as store:
        yield store
