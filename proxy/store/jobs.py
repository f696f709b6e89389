"""Ingest jobs: what authors asked for over HTTP, and how far it is.

`queued` → `running` → `completed` or `failed`; a job that is cancelled while it runs is
`cancelling` until its process has ended, then `cancelled`. A running job is claimed anew when its
runner gave no sign of life for a while, so that none is lost with a process.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from proxy.store.shelves import ShelvedFile

JobStatus = Literal["queued", "running", "cancelling", "completed", "failed", "cancelled"]
OpenStatus = Literal["queued", "running", "cancelling"]
OPEN: tuple[OpenStatus, ...] = get_args(OpenStatus)
"""Statuses of jobs that are not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestJob:
    """One job."""

    job_id: str
    owner_id: str
    book: str
    status: JobStatus
    request: Mapping[str, Any]
    progress: Mapping[str, Any] = field(default_factory=dict[str, Any])
    created: datetime
    updated: datetime
    """Of a running job: its runner's last sign of life."""

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen."""
        return self.status in OPEN


class IngestJobs(Protocol):
    """Keeps jobs; every method raises `StoreUnavailable` when the database does not answer."""

    async def add(
        self, job: IngestJob, *, shelved: Sequence[ShelvedFile], removed: Collection[str] = ()
    ) -> None:
        """Keep a new job with the files it puts into its book and the paths it takes out of it.

        A path that the book has already is given its new file. Durable on return.
        """
        ...

    async def find(self, job_id: str) -> IngestJob | None:
        """Return a job, None for an unknown id."""
        ...

    async def found(self, job_ids: Collection[str]) -> Mapping[str, IngestJob]:
        """Return jobs by their ids; unknown ones are left out."""
        ...

    async def latest(self, *, limit: int) -> Sequence[IngestJob]:
        """Return jobs, the newest first."""
        ...

    async def has_open(self) -> bool:
        """Whether any job is not over."""
        ...

    async def claim(self, now: datetime, *, stale: datetime) -> IngestJob | None:
        """Make the job that waits longest `running` and return it; None where none waits.

        A job that runs waits too if it was last updated before `stale`; one that was being
        cancelled then is `cancelled` at once. Of several callers one gets a job.
        """
        ...

    async def beat(self, job_id: str, now: datetime) -> JobStatus | None:
        """Note that a job's runner lives; return its status, None for an unknown id."""
        ...

    async def note(self, job_id: str, progress: Mapping[str, Any], now: datetime) -> None:
        """Replace what is known of a running job's progress."""
        ...

    async def settle(
        self,
        job_id: str,
        status: JobStatus,
        now: datetime,
        *,
        progress: Mapping[str, Any] | None = None,
    ) -> bool:
        """Give a job that is not over another status; False where it is over or unknown."""
        ...

    async def cancel(self, job_id: str, now: datetime) -> IngestJob | None:
        """Cancel a job and return it as it is now; one that is over stays as it is."""
        ...
