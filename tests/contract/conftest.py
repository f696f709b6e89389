"""What contract tests run against."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from proxy.store import Store
from tests.support.book_stores import BookStore, embedded_store, remembering, server_store
from tests.support.postgres_server import Postgres
from tests.support.qdrant_server import running_qdrant
from tests.support.stores import opened_store, sqlite_url


@pytest.fixture(scope="session")
def qdrant_url() -> Generator[str]:
    """A Qdrant server, one per test process."""
    with running_qdrant() as url:
        yield url


@pytest.fixture(params=["embedded", "server", "cached"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[BookStore]:
    """An empty index, of each kind in turn."""
    opened = (
        server_store(request.getfixturevalue("qdrant_url"))
        if request.param == "server"
        else embedded_store(tmp_path / "index")
    )
    async with opened as store:
        yield remembering(store) if request.param == "cached" else store


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str]:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    async with postgres.database() as url:
        yield url


@pytest.fixture
async def kept(database_url: str) -> AsyncGenerator[Store]:
    """A store with nothing in it."""
    async with opened_store(database_url) as store:
        yield store
