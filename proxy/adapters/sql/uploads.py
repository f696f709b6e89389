"""`store.Uploads` in SQL: files in pieces, so that none is held in memory whole."""

from collections.abc import AsyncGenerator, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql import tables
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import upload_pieces
from proxy.caller import Caller
from proxy.store import Page, Upload


class SqlUploads:
    """Keeps files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, upload: Upload, pieces: Iterable[bytes]) -> None:
        """Keep a file, all of it or nothing; durable on return."""
        row = {
            "id": upload.file_id,
            "owner_id": upload.owner_id,
            "filename": upload.filename,
            "purpose": upload.purpose,
            "size_bytes": upload.size_bytes,
            "created": upload.created,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(tables.uploads).values(**row))
            for position, piece in enumerate(pieces):
                values = {"upload_id": upload.file_id, "position": position, "data": piece}
                await connection.execute(insert(upload_pieces).values(**values))

        await self._database.write(work)

    async def find(self, caller: Caller, file_id: str) -> Upload | None:
        """Return a file, None where there is none."""
        query = select(tables.uploads).where(tables.uploads.c.id == file_id, _seen_by(caller))
        return await self._database.one(query, _upload)

    async def uploads(
        self, caller: Caller, *, limit: int, after: str | None = None, purpose: str | None = None
    ) -> Page[Upload]:
        """Return files, the newest first."""
        table = tables.uploads.c
        query = (
            select(tables.uploads)
            .where(_seen_by(caller))
            .order_by(table.created.desc(), table.id.desc())
        )
        if purpose is not None:
            query = query.where(table.purpose == purpose)
        if after is not None:
            seen = select(table.created, table.id).where(table.id == after, _seen_by(caller))
            query = query.where(tuple_(table.created, table.id) < seen.scalar_subquery())
        return await self._database.page(query, _upload, limit=limit)

    async def delete(self, caller: Caller, file_id: str) -> bool:
        """Forget a file; False where there was none."""
        gone = delete(tables.uploads).where(tables.uploads.c.id == file_id, _seen_by(caller))

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(gone)).rowcount > 0

        return await self._database.write(work)

    async def content(self, file_id: str) -> AsyncGenerator[bytes]:
        """Yield what a file holds, in pieces; nothing for one that does not exist."""
        position = 0
        while (piece := await self._piece(file_id, position)) is not None:
            yield piece
            position += 1

    async def _piece(self, file_id: str, position: int) -> bytes | None:
        key = (upload_pieces.c.upload_id == file_id, upload_pieces.c.position == position)
        query = select(upload_pieces.c.data).where(*key)

        async def work(connection: AsyncConnection) -> bytes | None:
            return (await connection.execute(query)).scalar_one_or_none()

        return await self._database.read(work)


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.role == "admin" else tables.uploads.c.owner_id == caller.caller_id


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        file_id=row.id,
        owner_id=row.owner_id,
        filename=row.filename,
        purpose=row.purpose,
        size_bytes=row.size_bytes,
        created=row.created,
    )
