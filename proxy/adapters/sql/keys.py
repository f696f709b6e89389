"""`store.ApiKeys` in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import api_keys
from proxy.caller import Allowance
from proxy.store import ApiKey


class SqlApiKeys:
    """Keeps keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey) -> None:
        """Keep a new key; durable on return."""
        row = {
            "id": key.key_id,
            "name": key.name,
            "digest": key.digest,
            "role": key.role,
            "books": None if key.books is None else sorted(key.books),
            "requests_per_minute": key.allowance.requests_per_minute,
            "tokens_per_minute": key.allowance.tokens_per_minute,
            "tokens_per_day": key.allowance.tokens_per_day,
            "created": key.created,
            "expires": key.expires,
            "revoked": key.revoked,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(api_keys).values(**row))

        await self._database.write(work)

    async def find(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked and expired ones too; None for an unknown id."""
        return await self._database.one(select(api_keys).where(api_keys.c.id == key_id), _key)

    async def keys(self) -> Sequence[ApiKey]:
        """Return all of them, the oldest first."""
        query = select(api_keys).order_by(api_keys.c.created, api_keys.c.id)
        return await self._database.all(query, _key)

    async def revoke(self, key_id: str, when: datetime) -> bool:
        """End a key; one that has ended keeps its time. False for an unknown id."""

        async def work(connection: AsyncConnection) -> bool:
            end = (
                update(api_keys)
                .where(api_keys.c.id == key_id)
                .values(revoked=func.coalesce(api_keys.c.revoked, when))
            )
            return (await connection.execute(end)).rowcount > 0

        return await self._database.write(work)


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        key_id=row.id,
        name=row.name,
        digest=row.digest,
        role=row.role,
        books=None if row.books is None else frozenset(row.books),
        allowance=Allowance(row.requests_per_minute, row.tokens_per_minute, row.tokens_per_day),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
    )
