"""Brings a database to the newest schema, once, however many processes start at the same time.

The common case, a database that is there already, costs one SELECT: Alembic is imported only where
there is something to do.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.database import Database
from proxy.errors import StoreUnavailable

HEAD = "0003"
"""The newest revision in `migrations/versions` (a test compares)."""
MIGRATIONS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 7_266_538_101


async def migrate(database: Database) -> None:
    """Bring the database to `HEAD`.

    Raises:
        StoreUnavailable: it does not answer.
    """
    if await database.read(_is_current):
        return
    await database.write(_upgrade)


async def _is_current(connection: AsyncConnection) -> bool:
    return await connection.run_sync(lambda sync: _revision(sync) == HEAD)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def _upgrade(connection: AsyncConnection) -> None:
    """Upgrade in one transaction; SQLite's is exclusive already, PostgreSQL's gets a lock.

    The lock is the transaction's, not the session's: behind PgBouncer there is no session.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
        )
    await connection.run_sync(upgrade)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that are missing, on a connection within a transaction.

    Raises:
        StoreUnavailable: a newer version of this program has made the tables.
    """
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, revision)
    except CommandError as exc:
        raise StoreUnavailable("The database was made by a newer version of this program.") from exc
