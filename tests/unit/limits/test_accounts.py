"""What is used is counted at once, written down later, and forgotten last of all."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from proxy.errors import StoreUnavailable
from proxy.limits.accounts import Accounts
from proxy.store import DailyUsage, Interaction, LazyStore, Store, UsageCount, UsageLedger
from tests.support.stores import lazily, opened_store, sqlite_url

DAY = date(2026, 11, 20)


def line() -> Interaction:
    return Interaction(
        when=datetime.now(UTC),
        caller_id="ann",
        request_id="r",
        model="m",
        status="complete",
        question="q",
        answer="a",
        count=UsageCount(1, 2, 3),
    )


async def test_what_was_counted_is_written_down_once(tmp_path: Path) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        accounts = Accounts(lazily(store), always=True, today=lambda: DAY)
        async with accounts.kept():
            for _ in range(3):
                accounts.add("ann", "m", UsageCount(1, 10, 5))
            accounts.log(line())
            await asyncio.gather(*(accounts.flush() for _ in range(3)))
            accounts.add("ann", "m", UsageCount(1, 10, 5))
        (row,) = await store.usage.usage(since=DAY)
        assert row.count == UsageCount(4, 40, 20)
        assert len(await store.usage.interactions(limit=9)) == 1


async def test_who_has_it_written_down_waits_for_what_is_being_written(tmp_path: Path) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        accounts = Accounts(lazily(store), always=True, today=lambda: DAY)
        accounts.add("ann", "m", UsageCount(1, 10, 5))
        first = asyncio.create_task(accounts.flush())
        await asyncio.sleep(0)  # it has begun
        await accounts.flush()
        assert first.done()
        (row,) = await store.usage.usage(since=DAY)
        assert row.count == UsageCount(1, 10, 5)


async def test_who_is_cancelled_while_it_is_written_loses_nothing(tmp_path: Path) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        accounts = Accounts(lazily(store), always=True, today=lambda: DAY)
        accounts.add("ann", "m", UsageCount(1, 10, 5))
        async with accounts.kept():
            impatient = asyncio.create_task(accounts.flush())
            await asyncio.sleep(0)  # it has begun
            impatient.cancel()
        (row,) = await store.usage.usage(since=DAY)
        assert row.count == UsageCount(1, 10, 5)


async def test_a_budget_sees_what_is_written_and_what_is_not(tmp_path: Path) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        earlier = Accounts(lazily(store), always=True, today=lambda: DAY)
        earlier.add("ann", "m", UsageCount(1, 10, 5))
        await earlier.flush()
        accounts = Accounts(lazily(store), always=True, today=lambda: DAY)
        accounts.add("ann", "n", UsageCount(1, 1, 0))
        assert await accounts.tokens_today("ann") == 16
        accounts.add("ann", "m", UsageCount(1, 4, 0))
        await accounts.flush()
        assert await accounts.tokens_today("ann") == 20
        assert await accounts.tokens_today("ben") == 0


async def test_a_new_day_begins_at_nothing(tmp_path: Path) -> None:
    days = [DAY]
    async with opened_store(sqlite_url(tmp_path)) as store:
        accounts = Accounts(lazily(store), always=True, today=lambda: days[-1])
        accounts.add("ann", "m", UsageCount(1, 10, 5))
        assert await accounts.tokens_today("ann") == 15
        days.append(date(2026, 11, 21))
        assert await accounts.tokens_today("ann") == 0


class FlakyLedger:
    """A real ledger that is away when told so."""

    def __init__(self, ledger: UsageLedger) -> None:
        self.is_away = True
        self._ledger = ledger

    async def record(
        self, usage: Sequence[DailyUsage], interactions: Sequence[Interaction]
    ) -> None:
        """Record, or fail."""
        if self.is_away:
            raise StoreUnavailable("away")
        await self._ledger.record(usage, interactions)

    async def usage(self, *, since: date, caller_id: str | None = None) -> Sequence[DailyUsage]:
        """Look up, or fail."""
        if self.is_away:
            raise StoreUnavailable("away")
        return await self._ledger.usage(since=since, caller_id=caller_id)

    async def interactions(self, *, limit: int) -> Sequence[Interaction]:
        """Look up."""
        return await self._ledger.interactions(limit=limit)

    async def forget(self, before: datetime, rows: int) -> int:
        """Forget."""
        return await self._ledger.forget(before, rows)


async def test_while_the_database_is_away_it_is_kept_in_mind(tmp_path: Path) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        ledger = FlakyLedger(store.usage)
        accounts = Accounts(lazily(replace(store, usage=ledger)), always=True, today=lambda: DAY)
        accounts.add("ann", "m", UsageCount(1, 10, 5))
        accounts.log(line())
        assert await accounts.tokens_today("ann") == 0
        await accounts.flush()
        accounts.add("ann", "m", UsageCount(1, 1, 1))
        ledger.is_away = False
        await accounts.flush()
        (row,) = await store.usage.usage(since=DAY)
        assert row.count == UsageCount(2, 11, 6)
        assert len(await store.usage.interactions(limit=9)) == 1


async def test_with_nobody_to_tell_apart_no_database_is_opened() -> None:
    opened = False

    async def open_store() -> Store:
        nonlocal opened
        opened = True
        raise StoreUnavailable("away")

    accounts = Accounts(LazyStore(open_store), always=False)
    accounts.add("anonymous", "m", UsageCount(1, 1, 1))
    await accounts.flush()
    assert not opened
