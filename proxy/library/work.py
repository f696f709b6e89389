"""One job, worked on: its files brought together, ingested, and what came of it noted."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from proxy.errors import Conflict, InvalidRequest, ProxyError
from proxy.ingest.canaries import EditionRejected
from proxy.ingest.gathering import base_url_of
from proxy.ingest.loaders.registry import EXTENSIONS
from proxy.ingest.pipeline import ingest
from proxy.ingest.report import IngestReport
from proxy.ingest.scratch import scratch_folder
from proxy.ingest.situating import Situating
from proxy.library.orders import Order, PlacedFile
from proxy.ports import Embedder, IndexWriter, SiteReader, VectorJournal
from proxy.store import IngestJob, IngestJobs, Store

_NOTE_S = 0.5


class JobProgress:
    """Implements `report.Progress`; what it was told goes into the store now and then."""

    def __init__(self, jobs: IngestJobs, job_id: str) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._told: dict[str, Any] = {"stage": "fetch", "done": 0, "total": 0}

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self._told = {"stage": name, "done": 0, "total": total}

    def advance(self, steps: int, /) -> None:
        """Count steps."""
        self._told["done"] += steps

    def notice(self, text: str, /) -> None:
        """Leave it to the report, which an order over HTTP is told by."""

    async def keep_noting(self) -> None:
        """Write down what changed, for ever."""
        noted: dict[str, Any] = {}
        while True:
            if noted != self._told:
                noted = dict(self._told)
                with contextlib.suppress(ProxyError):  # the next one says it all again
                    await self._jobs.note(self._job_id, noted, datetime.now(UTC))
            await asyncio.sleep(_NOTE_S)


class Tools(Protocol):
    """What an ingest needs."""

    @property
    def embedder(self) -> Embedder:
        """Who embeds."""
        ...

    @property
    def writer(self) -> IndexWriter:
        """What makes editions."""
        ...

    @property
    def journal(self) -> VectorJournal:
        """What keeps vectors until then."""
        ...

    @property
    def sites(self) -> SiteReader:
        """What reads sites."""
        ...

    @property
    def contexts(self) -> "Contexts":
        """Who gives a book its contexts."""
        ...


class Contexts(Protocol):
    """Makes what writes the contexts of a book."""

    def of_book(self, book_id: str) -> Situating | None:
        """Return it; None where no model is configured."""
        ...


async def work_on(job: IngestJob, store: Store, tools: Tools) -> None:
    """Do what a job asks for, and settle it.

    Raises:
        Conflict: somebody else is writing the book; the job is to be tried again.
        StoreUnavailable: what came of it could not be written down.
    """
    order = Order.from_json(job.request)
    progress = JobProgress(store.jobs, job.job_id)
    noting = asyncio.create_task(progress.keep_noting())
    try:
        with scratch_folder("job") as folder:
            report = await _ingest(job.book, order, store, folder, tools, progress)
    except ProxyError as exc:
        if isinstance(exc, Conflict) and not isinstance(exc, EditionRejected):
            raise
        error = {"error": {"message": exc.message, "code": exc.code}}
        await store.jobs.settle(job.job_id, "failed", datetime.now(UTC), progress=error)
        return
    finally:
        noting.cancel()
        await asyncio.wait({noting})
    done = {"stage": "done", **report.summary()}
    await store.jobs.settle(job.job_id, "completed", datetime.now(UTC), progress=done)


async def _ingest(
    book: str,
    order: Order,
    store: Store,
    folder: Path,
    tools: Tools,
    progress: JobProgress,
) -> IngestReport:
    await _check_site(book, order, tools.writer)
    failed = await _bring(order.files, store, folder)
    report = await ingest(
        [folder] if order.site is None else [folder, order.site],
        book_id=book,
        title=order.title,
        base_url=order.base_url,
        edition=order.edition,
        writer=tools.writer,
        embedder=tools.embedder,
        journal=tools.journal,
        progress=progress,
        sites=tools.sites,
        within=order.within,
        situating=tools.contexts.of_book(book),
    )
    place = f"{folder}/"
    report.failed = failed + [(path.removeprefix(place), why) for path, why in report.failed]
    report.skipped = [(path.removeprefix(place), why) for path, why in report.skipped]
    report.warnings = [(path.removeprefix(place), why) for path, why in report.warnings]
    return report


async def _check_site(book_id: str, order: Order, writer: IndexWriter) -> None:
    """Return when the pages of the order's site can stand beside those that stay.

    Raises:
        InvalidRequest: they are served elsewhere, and a book has one base URL.
    """
    if order.site is None or order.is_whole:
        return
    book = await writer.book(book_id)
    served_at = base_url_of(order.base_url, [order.site])
    if book is not None and book.base_url not in (None, served_at):
        raise InvalidRequest(
            f"The pages of '{book_id}' are served at {book.base_url}, those of the site at"
            f" {served_at}; put them into a book of their own.",
            param="url",
        )


async def _bring(files: Sequence[PlacedFile], store: Store, folder: Path) -> list[tuple[str, str]]:
    """Write the job's files below `folder`; return those that cannot be had."""
    failed: list[tuple[str, str]] = []
    for file in files:
        known = ", ".join(sorted(EXTENSIONS))
        if Path(file.path).suffix.lower() not in EXTENSIONS:
            failed.append((file.path, f"unknown format; known are {known}"))
            continue
        path = folder / file.path
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            with path.open("wb") as out:
                async for piece in store.uploads.content(file.file_id):
                    out.write(piece)
        except OSError as exc:
            failed.append((file.path, f"cannot be written: {exc.strerror}"))
    return failed
