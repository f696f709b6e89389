"""`store.Readers` in SQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import readers
from proxy.caller import Background, Caller
from proxy.store import Reader


async def remember(database: Database, connection: AsyncConnection, caller: Caller) -> None:
    """Make sure that the caller is among the readers."""
    await connection.execute(
        database.insert(readers).values(_new(caller.caller_id)).on_conflict_do_nothing()
    )


class SqlReaders:
    """Keeps readers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, reader_id: str) -> Reader | None:
        """Return a reader, None for one that was never remembered."""
        return await self._database.one(select(readers).where(readers.c.id == reader_id), _reader)

    async def readers(self) -> Sequence[Reader]:
        """Return all of them, ordered by id."""
        return await self._database.all(select(readers).order_by(readers.c.id), _reader)

    async def set_background(self, caller: Caller, background: Background) -> Reader:
        """Remember the caller's background, in place of the one before."""
        return await self._set(
            caller.caller_id,
            software_background=background.software,
            hardware_background=background.hardware,
        )

    async def set_active(self, reader_id: str, *, is_active: bool) -> Reader:
        """Shut a reader out or let it in again, one that never came included."""
        return await self._set(reader_id, is_active=is_active)

    async def _set(self, reader_id: str, **values: Any) -> Reader:
        upsert = (
            self._database.insert(readers)
            .values(_new(reader_id) | values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
            .returning(*readers.c)
        )

        async def work(connection: AsyncConnection) -> Reader:
            return _reader((await connection.execute(upsert)).one())

        return await self._database.write(work)


def _new(reader_id: str) -> dict[str, Any]:
    return {"id": reader_id, "is_active": True, "created": datetime.now(UTC)}


def _reader(row: Row[Any]) -> Reader:
    background = Background(row.software_background, row.hardware_background)
    return Reader(row.id, background, row.created, row.is_active)
