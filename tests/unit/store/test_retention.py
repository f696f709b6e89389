"""What was kept long enough goes; what is younger, or may stay for ever, does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proxy.store import Interaction, LazyStore, Retention, Store, UsageCount
from proxy.store.retention import ROWS_AT_ONCE
from tests.support.stores import (
    ANN,
    START,
    away,
    conversation,
    lazily,
    opened_store,
    question,
    sqlite_url,
)

LINE = Interaction(
    when=START,
    caller_id="a",
    request_id="r",
    model="m",
    status="complete",
    question="q",
    answer="a",
    count=UsageCount(1, 1, 1),
)


async def _kept(store: Store) -> tuple[int, int]:
    return (
        len((await store.conversations.conversations(ANN, limit=9)).records),
        len(await store.usage.interactions(limit=9_999)),
    )


async def _opened(store: Store) -> LazyStore:
    opened = lazily(store)
    await opened()
    return opened


@pytest.mark.parametrize(
    ("conversation_days", "log_days", "left"),
    [(0, 0, (1, 701)), (1, 0, (0, 701)), (0, 1, (1, 1)), (9, 9, (1, 701))],
)
async def test_each_goes_by_its_own_days(
    tmp_path: Path, conversation_days: int, log_days: int, left: tuple[int, int]
) -> None:
    async with opened_store(sqlite_url(tmp_path)) as store:
        await store.conversations.begin_turn(ANN, conversation(), question("q"), "a")
        young = replace(LINE, when=START + timedelta(days=1))
        await store.usage.record([], [LINE] * (ROWS_AT_ONCE + 200) + [young])
        retention = Retention(await _opened(store), conversation_days, log_days)
        await retention.apply(START + timedelta(days=1, minutes=1))
        assert await _kept(store) == left


async def test_a_database_that_is_away_or_was_never_opened_is_no_failure() -> None:
    for store in (away(), LazyStore(away())):
        await Retention(store, 1, 1).apply(datetime.now(UTC))
        async with Retention(store, 1, 1).applied():
            assert not store.is_open
