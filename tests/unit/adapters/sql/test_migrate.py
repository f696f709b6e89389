"""The migrations lead to the tables, and one SELECT tells that they did."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.addresses import read_address
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.migrate import HEAD, MIGRATIONS, migrate, upgrade
from proxy.adapters.sql.tables import conversations, metadata, readers
from proxy.errors import StoreUnavailable
from tests.support.stores import ANN, START, opened_store, sqlite_url

EARLIER = [
    script.revision
    for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    if script.revision != HEAD
]


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


async def _check_what_was_kept(database_url: str, revision: str) -> None:
    database = Database(read_address(database_url))

    async def earlier(connection: AsyncConnection) -> None:
        await connection.run_sync(upgrade, revision)
        await connection.execute(
            insert(readers).values(id="jwt:ann", is_active=True, created=START)
        )
        about = {"title": "Pumps", "metadata": {"a": 1}, "next_position": 2}
        moments = {"created": START, "updated": START}
        await connection.execute(
            insert(conversations).values(id="conv_1", reader_id="jwt:ann", **about, **moments)
        )

    await database.write(earlier)
    await database.close()
    async with opened_store(database_url) as store:
        found = await store.conversations.find(ANN, "conv_1")
        assert found is not None
        assert (found.title, found.metadata) == ("Pumps", {"a": 1})


@pytest.mark.parametrize("revision", EARLIER)
async def test_what_an_earlier_version_kept_is_there_in_sqlite(
    tmp_path: Path, revision: str
) -> None:
    await _check_what_was_kept(sqlite_url(tmp_path), revision)


@pytest.mark.parametrize("revision", EARLIER)
async def test_what_an_earlier_version_kept_is_there_in_postgresql(
    postgres_url: str, revision: str
) -> None:
    await _check_what_was_kept(postgres_url, revision)


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    database = Database(read_address(sqlite_url(tmp_path)))
    await migrate(database)

    async def newer(connection: AsyncConnection) -> None:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    await database.write(newer)
    with pytest.raises(StoreUnavailable, match="newer version"):
        await migrate(database)
    await database.close()


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
