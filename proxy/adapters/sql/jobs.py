"""`store.IngestJobs` in SQL: a change of status is one UPDATE that says what the status was."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql.database import Database
from proxy.adapters.sql.tables import ingest_jobs, shelved_files
from proxy.store import OPEN, IngestJob, JobStatus, ShelvedFile

_TABLE = ingest_jobs.c


class SqlIngestJobs:
    """Keeps jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, job: IngestJob, *, shelved: Sequence[ShelvedFile], removed: Collection[str] = ()
    ) -> None:
        """Keep a new job with the files it puts into its book and the paths it takes out of it."""
        row = {
            "id": job.job_id,
            "reader_id": job.owner_id,
            "book": job.book,
            "status": job.status,
            "request": dict(job.request),
            "progress": dict(job.progress),
            "created": job.created,
            "updated": job.updated,
        }
        files = [
            {
                "book": file.book,
                "path": file.path,
                "upload_id": file.file_id,
                "job_id": file.job_id,
                "attributes": dict(file.attributes),
                "created": file.created,
            }
            for file in shelved
        ]

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(ingest_jobs).values(**row))
            put = self._database.insert(shelved_files)
            changed = ("upload_id", "job_id", "attributes", "created")
            put = put.on_conflict_do_update(
                index_elements=["book", "path"],
                set_={name: put.excluded[name] for name in changed},
            )
            for file in files:
                await connection.execute(put, file)
            for path in removed:
                place = (shelved_files.c.book == job.book, shelved_files.c.path == path)
                await connection.execute(delete(shelved_files).where(*place))

        await self._database.write(work)

    async def find(self, job_id: str) -> IngestJob | None:
        """Return a job, None for an unknown id."""
        return (await self.found([job_id])).get(job_id)

    async def found(self, job_ids: Collection[str]) -> Mapping[str, IngestJob]:
        """Return jobs by their ids; unknown ones are left out."""
        query = select(ingest_jobs).where(_TABLE.id.in_(set(job_ids)))

        async def work(connection: AsyncConnection) -> Mapping[str, IngestJob]:
            return {row.id: _job(row) for row in await connection.execute(query)}

        return await self._database.read(work)

    async def latest(self, *, limit: int) -> Sequence[IngestJob]:
        """Return jobs, the newest first."""
        query = select(ingest_jobs).order_by(_TABLE.created.desc(), _TABLE.id).limit(limit)
        return await self._database.all(query, _job)

    async def has_open(self) -> bool:
        """Whether any job is not over."""
        query = select(_TABLE.id).where(_TABLE.status.in_(OPEN)).limit(1)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(query)).one_or_none() is not None

        return await self._database.read(work)

    async def claim(self, now: datetime, *, stale: datetime) -> IngestJob | None:
        """Make the oldest job that waits `running` and return it; None where none waits."""
        left_alone = _TABLE.updated < stale

        async def work(connection: AsyncConnection) -> IngestJob | None:
            given_up = (_TABLE.status == "cancelling") & left_alone
            await connection.execute(
                update(ingest_jobs).where(given_up).values(status="cancelled", updated=now)
            )
            waits = or_(_TABLE.status == "queued", (_TABLE.status == "running") & left_alone)
            order = (_TABLE.updated, _TABLE.created, _TABLE.id)
            oldest = select(_TABLE.id).where(waits).order_by(*order).limit(1)
            oldest = oldest.with_for_update(skip_locked=True)
            claim = (
                update(ingest_jobs)
                .where(_TABLE.id == oldest.scalar_subquery())
                .values(status="running", updated=now)
                .returning(ingest_jobs)
            )
            row = (await connection.execute(claim)).one_or_none()
            return None if row is None else _job(row)

        return await self._database.write(work)

    async def beat(self, job_id: str, now: datetime) -> JobStatus | None:
        """Note that a job's runner lives; return its status, None for an unknown id."""
        beat = update(ingest_jobs).where(_TABLE.id == job_id).returning(_TABLE.status)
        moment = case((_TABLE.status.in_(OPEN), now), else_=_TABLE.updated)

        async def work(connection: AsyncConnection) -> JobStatus | None:
            return (await connection.execute(beat.values(updated=moment))).scalar_one_or_none()

        return await self._database.write(work)

    async def note(self, job_id: str, progress: Mapping[str, Any], now: datetime) -> None:
        """Replace what is known of a running job's progress."""
        running = (_TABLE.id == job_id, _TABLE.status.in_(OPEN))
        note = update(ingest_jobs).where(*running).values(progress=dict(progress), updated=now)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(note)

        await self._database.write(work)

    async def settle(
        self,
        job_id: str,
        status: JobStatus,
        now: datetime,
        *,
        progress: Mapping[str, Any] | None = None,
    ) -> bool:
        """Give a job that is not over another status; False where it is over or unknown."""
        changes: dict[str, Any] = {"status": status, "updated": now}
        if progress is not None:
            changes["progress"] = dict(progress)
        settle = update(ingest_jobs).where(_TABLE.id == job_id, _TABLE.status.in_(OPEN))

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(settle.values(**changes))).rowcount > 0

        return await self._database.write(work)

    async def cancel(self, job_id: str, now: datetime) -> IngestJob | None:
        """Cancel a job and return it as it is now; one that is over stays as it is."""
        status = case(
            (_TABLE.status == "queued", "cancelled"),
            (_TABLE.status == "running", "cancelling"),
            else_=_TABLE.status,
        )
        cancel = (
            update(ingest_jobs)
            .where(_TABLE.id == job_id)
            .values(
                status=status, updated=case((_TABLE.status == "queued", now), else_=_TABLE.updated)
            )
            .returning(ingest_jobs)
        )

        async def work(connection: AsyncConnection) -> IngestJob | None:
            row = (await connection.execute(cancel)).one_or_none()
            return None if row is None else _job(row)

        return await self._database.write(work)


def _job(row: Row[Any]) -> IngestJob:
    return IngestJob(
        job_id=row.id,
        owner_id=row.reader_id,
        book=row.book,
        status=row.status,
        request=row.request,
        progress=row.progress,
        created=row.created,
        updated=row.updated,
    )
