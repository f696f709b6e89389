"""Jobs and their runner, with a real store and work that waits for the test."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from proxy.library.orders import Order
from proxy.library.runner import JobBroken, JobEnd, JobRunner
from proxy.store import IngestJob, JobStatus, LazyStore, Store
from tests.support.stores import away, lazily, opened_store, sqlite_url
from tests.support.waiting import LONG_ENOUGH_S


class Work:
    """Implements `WorkOn`: what each job comes to, in turn; waits for `gate` first."""

    def __init__(self, store: Store, *ends: JobEnd | JobBroken) -> None:
        self._jobs = store.jobs
        self._ends = list(ends)
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.seen: list[str] = []
        self.cancelled: list[str] = []

    async def __call__(self, job_id: str) -> JobEnd:
        """Work on a job."""
        self.seen.append(job_id)
        self.begun.set()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(job_id)
            raise
        end = self._ends.pop(0) if self._ends else "settled"
        if isinstance(end, JobBroken):
            raise end
        if end == "settled":
            await self._jobs.settle(job_id, "completed", datetime.now(UTC), progress={"done": 1})
        return end


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """An empty store."""
    async with opened_store(sqlite_url(tmp_path)) as opened:
        yield opened


async def _add(store: Store, n: int = 1, status: JobStatus = "queued", age_s: float = 0) -> str:
    when = datetime.now(UTC) - timedelta(seconds=age_s)
    job = IngestJob(
        job_id=f"job-{n}",
        owner_id="jwt:ann",
        book="pumps",
        status=status,
        request=Order().to_json(),
        created=when,
        updated=when,
    )
    await store.jobs.add(job, shelved=[])
    return job.job_id


class Refreshed:
    """Counts how often the index was told."""

    def __init__(self) -> None:
        self.times = 0
        self.once = asyncio.Event()

    async def __call__(self) -> None:
        """Be told."""
        self.times += 1
        self.once.set()


def _runner(store: Store, work: Work, refreshed: Refreshed | None = None) -> JobRunner:
    return JobRunner(
        lazily(store), work, on_done=refreshed or Refreshed(), beat_s=0.01, poll_s=0.05
    )


async def _status(store: Store, job_id: str) -> JobStatus:
    found = await store.jobs.find(job_id)
    assert found
    return found.status


async def test_jobs_are_worked_on_one_after_another(store: Store) -> None:
    work, refreshed = Work(store), Refreshed()
    work.gate.set()
    names = [await _add(store, n) for n in (1, 2)]
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        while refreshed.times < 2:
            refreshed.once.clear()
            await refreshed.once.wait()
    assert work.seen == names
    assert [await _status(store, name) for name in names] == ["completed", "completed"]


async def test_a_runner_sleeps_until_it_is_woken(store: Store) -> None:
    work, refreshed = Work(store), Refreshed()
    work.gate.set()
    runner = _runner(store, work, refreshed)
    async with asyncio.timeout(LONG_ENOUGH_S), runner.running(has_work=False):
        await _add(store)
        runner.wake()
        await refreshed.once.wait()
    assert work.seen == ["job-1"]


async def test_a_job_that_is_cancelled_stops_and_is_cancelled(store: Store) -> None:
    work, refreshed = Work(store), Refreshed()
    name = await _add(store)
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        await work.begun.wait()
        await store.jobs.cancel(name, datetime.now(UTC))
        await refreshed.once.wait()
    assert work.cancelled == [name]
    assert await _status(store, name) == "cancelled"


async def test_a_job_under_way_when_the_server_stops_waits_for_the_next(store: Store) -> None:
    name = await _add(store)
    first = Work(store)
    async with asyncio.timeout(LONG_ENOUGH_S), _runner(store, first).running(has_work=True):
        await first.begun.wait()
    assert first.cancelled == [name]
    assert await _status(store, name) == "queued"
    second, refreshed = Work(store), Refreshed()
    second.gate.set()
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, second, refreshed).running(has_work=True),
    ):
        await refreshed.once.wait()
    assert await _status(store, name) == "completed"


async def test_a_job_whose_runner_was_killed_is_taken_over(store: Store) -> None:
    name = await _add(store, status="running", age_s=60)
    work, refreshed = Work(store), Refreshed()
    work.gate.set()
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        await refreshed.once.wait()
    assert await _status(store, name) == "completed"


async def test_a_job_that_another_runner_works_on_is_left_to_it_until_it_falls_silent(
    store: Store,
) -> None:
    name = await _add(store, status="running", age_s=14.8)
    work, refreshed = Work(store), Refreshed()
    work.gate.set()
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        await refreshed.once.wait()
    assert work.seen == [name]


async def test_work_that_ends_without_a_word_is_a_failure_that_says_how(store: Store) -> None:
    name = await _add(store)
    work, refreshed = Work(store, JobBroken("It ended with code -9.")), Refreshed()
    work.gate.set()
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        await refreshed.once.wait()
    found = await store.jobs.find(name)
    assert found
    assert found.status == "failed"
    assert found.progress["error"]["message"] == "It ended with code -9."


async def test_a_job_whose_book_is_busy_lets_others_go_first_and_is_tried_again(
    store: Store,
) -> None:
    names = [await _add(store, n) for n in (1, 2)]
    work, refreshed = Work(store, "busy", "settled", "settled"), Refreshed()
    work.gate.set()
    async with (
        asyncio.timeout(LONG_ENOUGH_S),
        _runner(store, work, refreshed).running(has_work=True),
    ):
        while refreshed.times < 3:
            refreshed.once.clear()
            await refreshed.once.wait()
    assert work.seen == [names[0], names[1], names[0]]
    assert [await _status(store, name) for name in names] == ["completed", "completed"]


async def test_a_database_that_is_away_is_asked_again(store: Store) -> None:
    name = await _add(store)
    asked = asyncio.Event()
    gone = away()

    async def later() -> Store:
        if not asked.is_set():
            asked.set()
            return await gone()
        return store

    work, refreshed = Work(store), Refreshed()
    work.gate.set()
    runner = JobRunner(LazyStore(later), work, on_done=refreshed, beat_s=0.01, poll_s=0.05)
    async with asyncio.timeout(LONG_ENOUGH_S), runner.running(has_work=True):
        await refreshed.once.wait()
    assert await _status(store, name) == "completed"
