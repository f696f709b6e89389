"""`store.Shelves` in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql import tables
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import shelved_files
from proxy.store import Shelf, ShelvedFile


class SqlShelves:
    """Keeps shelves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, shelf: Shelf) -> bool:
        """Keep a new shelf; False where the book has one."""
        row = {
            "book": shelf.book,
            "name": shelf.name,
            "metadata": dict(shelf.metadata),
            "created": shelf.created,
        }
        add = self._database.insert(tables.shelves).values(**row).on_conflict_do_nothing()

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(add)).rowcount > 0

        return await self._database.write(work)

    async def shelves(self) -> Sequence[Shelf]:
        """Return all of them, ordered by book."""
        table = tables.shelves.c
        query = select(
            table.book, table.name, table.created, table.metadata.label("notes")
        ).order_by(table.book)
        return await self._database.all(query, _shelf)

    async def files(self, book: str) -> Sequence[ShelvedFile]:
        """Return the files in a book, ordered by path."""
        table = shelved_files.c
        query = select(shelved_files).where(table.book == book).order_by(table.path)
        return await self._database.all(query, _shelved)

    async def places(self, file_id: str) -> Sequence[ShelvedFile]:
        """Return where a file stands, ordered by book."""
        table = shelved_files.c
        query = select(shelved_files).where(table.upload_id == file_id)
        return await self._database.all(query.order_by(table.book, table.path), _shelved)

    async def clear(self, book: str) -> bool:
        """Forget a book's shelf and its files; False where it had no shelf."""

        async def work(connection: AsyncConnection) -> bool:
            await connection.execute(delete(shelved_files).where(shelved_files.c.book == book))
            gone = delete(tables.shelves).where(tables.shelves.c.book == book)
            return (await connection.execute(gone)).rowcount > 0

        return await self._database.write(work)


def _shelf(row: Row[Any]) -> Shelf:
    return Shelf(row.book, row.name, row.created, row.notes)


def _shelved(row: Row[Any]) -> ShelvedFile:
    return ShelvedFile(row.book, row.path, row.upload_id, row.job_id, row.created, row.attributes)
