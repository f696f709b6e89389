"""`store.UsageLedger` in SQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql import tables
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import daily_usage
from proxy.store import DailyUsage, Interaction, SeenPassage, UsageCount

_COUNTED = ("requests", "prompt_tokens", "completion_tokens")
_ROWS_AT_ONCE = 500


class SqlUsageLedger:
    """Keeps the books."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, usage: Sequence[DailyUsage], interactions: Sequence[Interaction]
    ) -> None:
        """Add amounts to what is there, and interactions to the log: all of them or none."""
        # In one order everywhere, so that two processes never wait for each other.
        ordered = sorted(usage, key=lambda one: (one.day, one.caller_id, one.model))
        rows = [
            {"day": one.day, "caller_id": one.caller_id, "model": one.model, **_counts(one.count)}
            for one in ordered
        ]
        log = [
            {
                "created": one.when,
                "caller_id": one.caller_id,
                "request_id": one.request_id,
                "model": one.model,
                "status": one.status,
                "question": one.question,
                "answer": one.answer,
                "rag_status": one.rag_status,
                "passages": [asdict(passage) for passage in one.passages],
                **_counts(one.count),
            }
            for one in interactions
        ]

        async def work(connection: AsyncConnection) -> None:
            add = self._database.insert(daily_usage)
            sums = {name: daily_usage.c[name] + add.excluded[name] for name in _COUNTED}
            add = add.on_conflict_do_update(index_elements=["day", "caller_id", "model"], set_=sums)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                await connection.execute(add, rows[start : start + _ROWS_AT_ONCE])
            for start in range(0, len(log), _ROWS_AT_ONCE):
                await connection.execute(
                    insert(tables.interactions), log[start : start + _ROWS_AT_ONCE]
                )

        await self._database.write(work)

    async def usage(self, *, since: date, caller_id: str | None = None) -> Sequence[DailyUsage]:
        """Return what was used, ordered by day, caller and model."""
        table = daily_usage.c
        query = (
            select(daily_usage)
            .where(table.day >= since)
            .order_by(table.day, table.caller_id, table.model)
        )
        if caller_id is not None:
            query = query.where(table.caller_id == caller_id)
        return await self._database.all(query, _daily_usage)

    async def interactions(
        self, *, limit: int, since: datetime | None = None
    ) -> Sequence[Interaction]:
        """Return the last ones of the log, the newest first."""
        query = select(tables.interactions).order_by(tables.interactions.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(tables.interactions.c.created >= since)
        return await self._database.all(query, _interaction)

    async def forget(self, before: datetime, rows: int) -> int:
        """Remove interactions from before that time, `rows` at most."""
        log = tables.interactions
        return await self._database.forget(log, log.c.created < before, rows)


def _counts(count: UsageCount) -> dict[str, int]:
    return {
        "requests": count.requests,
        "prompt_tokens": count.prompt_tokens,
        "completion_tokens": count.completion_tokens,
    }


def _count(row: Row[Any]) -> UsageCount:
    return UsageCount(row.requests, row.prompt_tokens, row.completion_tokens)


def _daily_usage(row: Row[Any]) -> DailyUsage:
    return DailyUsage(row.day, row.caller_id, row.model, _count(row))


def _interaction(row: Row[Any]) -> Interaction:
    return Interaction(
        when=row.created,
        caller_id=row.caller_id,
        request_id=row.request_id,
        model=row.model,
        status=row.status,
        question=row.question,
        answer=row.answer,
        count=_count(row),
        rag_status=row.rag_status,
        passages=[SeenPassage(**passage) for passage in row.passages],
    )
