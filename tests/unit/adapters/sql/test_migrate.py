"""The migrations lead to the tables, and one SELECT tells that they did."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.addresses import read_address
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.migrate import HEAD, MIGRATIONS, migrate
from proxy.adapters.sql.tables import metadata
from tests.support.stores import sqlite_url


def test_there_is_one_newest_revision_and_the_code_knows_it() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def _migrated(database_url: str) -> list[object]:
    database = Database(read_address(database_url))

    async def compare(connection: AsyncConnection) -> list[object]:
        return await connection.run_sync(_differences)

    try:
        await migrate(database)
        await migrate(database)
        return await database.read(compare)
    finally:
        await database.close()


async def test_sqlite_has_the_tables_of_the_code(tmp_path: Path) -> None:
    assert await _migrated(sqlite_url(tmp_path)) == []


async def test_postgresql_has_the_tables_of_the_code(postgres_url: str) -> None:
    assert await _migrated(postgres_url) == []


async def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(read_address(sqlite_url(tmp_path)))

    async def in_the_way(connection: AsyncConnection) -> None:
        await connection.exec_driver_sql("CREATE TABLE interactions (id INTEGER)")

    async def tables(connection: AsyncConnection) -> set[str]:
        rows = await connection.exec_driver_sql("SELECT name FROM sqlite_master")
        return {row[0] for row in rows}

    await database.write(in_the_way)
    with pytest.raises(Exception, match="database"):
        await migrate(database)
    assert await database.read(tables) == {"interactions"}
    await database.close()
