"""Sees to it that every job is worked on, by one process at a time, also after a crash.

A job belongs to whoever claimed it in the store and gives signs of life; one whose runner fell
silent is claimed anew. What a half-done job left behind does no harm: an edition that was not
published is removed by the next draft of its book.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from proxy.errors import ProxyError, StoreUnavailable
from proxy.store import IngestJob, IngestJobs, JobStatus, LazyStore
from proxy.telemetry.logs import log

JobEnd = Literal["settled", "busy"]
"""Whether the job has its final status, or its book is being written by somebody else."""
WorkOn = Callable[[str], Awaitable[JobEnd]]
"""Works on the job of that id; cancelled, it has ended when it returns. Raises `JobBroken`."""


class JobBroken(Exception):
    """The work on a job ended without a word; the message says how."""


class JobRunner:
    """Runs jobs, one after another.

    `on_done` is awaited when an edition may have been published. A job that gave no sign of life
    for `stale_s` is taken over.
    """

    def __init__(
        self,
        store: LazyStore,
        work_on: WorkOn,
        *,
        on_done: Callable[[], Awaitable[None]],
        beat_s: float = 1.0,
        poll_s: float = 5.0,
        stale_s: float = 15.0,
    ) -> None:
        self._store = store
        self._work_on = work_on
        self._on_done = on_done
        self._beat_s = beat_s
        self._poll_s = poll_s
        self._stale = timedelta(seconds=stale_s)
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for jobs now."""
        self._woken.set()

    @asynccontextmanager
    async def running(self, *, has_work: bool) -> AsyncGenerator[None]:
        """Run jobs as long as the context lasts; `has_work` looks for some at once.

        The job under way when it ends waits for the next runner.
        """
        if has_work:
            self.wake()
        serving = asyncio.create_task(self._serve())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait({serving})

    async def _serve(self) -> None:
        is_idle = True
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if is_idle else self._poll_s):
                    await self._woken.wait()
            self._woken.clear()
            try:
                is_idle = await self._round((await self._store()).jobs)
            except StoreUnavailable:
                is_idle = False

    async def _round(self, jobs: IngestJobs) -> bool:
        """Run the jobs that wait; return whether there are no others that may wait some day."""
        busy: set[str] = set()
        while (job := await jobs.claim(_now(), stale=_now() - self._stale)) is not None:
            if job.job_id in busy:
                await jobs.settle(job.job_id, "queued", _now())
                break
            if await self._run(jobs, job) == "queued":
                busy.add(job.job_id)
        return not await jobs.has_open()

    async def _run(self, jobs: IngestJobs, job: IngestJob) -> JobStatus:
        """Work on a job; return the status it was left with."""
        log.info("ingest_job_begins", job=job.job_id, book=job.book)
        work = asyncio.ensure_future(self._work_on(job.job_id))
        try:
            is_cancelled = await self._watch(jobs, job.job_id, work)
        except asyncio.CancelledError:
            await _ended(work)
            with contextlib.suppress(StoreUnavailable):
                await asyncio.shield(jobs.settle(job.job_id, "queued", _now()))
            raise
        status, note = ("cancelled", None) if is_cancelled else _outcome(work)
        await jobs.settle(job.job_id, status, _now(), progress=note)
        log.info("ingest_job_ends", job=job.job_id, book=job.book, status=status)
        with contextlib.suppress(ProxyError):  # the index says so itself, to whoever searches it
            await self._on_done()
        return status

    async def _watch(self, jobs: IngestJobs, job_id: str, work: "asyncio.Future[JobEnd]") -> bool:
        """Give signs of life until the work is done; return whether it was cancelled instead."""
        while not work.done():
            await asyncio.wait({work}, timeout=self._beat_s)
            if work.done():
                break
            with contextlib.suppress(StoreUnavailable):  # it goes on, and may end as it should
                if await jobs.beat(job_id, _now()) in {"cancelling", "cancelled"}:
                    await _ended(work)
                    return True
        return False


async def _ended(work: "asyncio.Future[JobEnd]") -> None:
    work.cancel()
    await asyncio.wait({work})


def _outcome(work: "asyncio.Future[JobEnd]") -> tuple[JobStatus, dict[str, Any] | None]:
    try:
        return ("queued" if work.result() == "busy" else "completed"), None
    except JobBroken as exc:
        return "failed", {"error": {"message": str(exc), "code": "ingest_ended"}}


def _now() -> datetime:
    return datetime.now(UTC)
