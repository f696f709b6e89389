"""Takes authors' files and orders; what it returns is durable."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from proxy.caller import Caller
from proxy.corpus import check_book_id
from proxy.errors import Conflict, InvalidRequest, NotFound
from proxy.library.orders import Order, PlacedFile, page_path
from proxy.protocol.ids import new_id
from proxy.store import IngestJob, LazyStore, Page, Shelf, ShelvedFile, Upload

Attributes = Mapping[str, str | float | bool]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where authors come; every call takes the caller, and asks for its role first."""

    store: LazyStore
    wake: Callable[[], None]
    """Called when there is a job to run."""
    is_read_only: bool = False
    """Whether the books are somebody else's, and only read."""

    async def upload(
        self,
        caller: Caller,
        *,
        filename: str,
        purpose: str,
        size_bytes: int,
        pieces: Iterable[bytes],
    ) -> Upload:
        """Keep a file.

        Raises:
            InvalidRequest: its name cannot be a path within a book.
        """
        caller.require("author")
        upload = Upload(
            file_id=f"file-{new_id()}",
            owner_id=caller.caller_id,
            filename=page_path(filename),
            purpose=purpose,
            size_bytes=size_bytes,
            created=_now(),
        )
        await (await self.store()).uploads.add(upload, pieces)
        return upload

    async def find_upload(self, caller: Caller, file_id: str) -> Upload:
        """Return a file.

        Raises:
            NotFound: there is none of that id for this caller.
        """
        caller.require("author")
        found = await (await self.store()).uploads.find(caller, file_id)
        if found is None:
            raise _no_file(file_id)
        return found

    async def uploads(
        self, caller: Caller, *, limit: int, after: str | None, purpose: str | None
    ) -> Page[Upload]:
        """Return the caller's files, the newest first."""
        caller.require("author")
        uploads = (await self.store()).uploads
        return await uploads.uploads(caller, limit=limit, after=after, purpose=purpose)

    async def delete_upload(self, caller: Caller, file_id: str) -> None:
        """Forget a file; what books hold of it stays.

        Raises:
            NotFound: there is none of that id for this caller.
        """
        caller.require("author")
        if not await (await self.store()).uploads.delete(caller, file_id):
            raise _no_file(file_id)

    async def order(
        self, caller: Caller, book: str, order: Order, *, attributes: Attributes | None = None
    ) -> IngestJob:
        """Have a book changed, soon; return the job to follow.

        Raises:
            PermissionDenied: the caller is no author, or not of this book.
            InvalidRequest: two files would be one page.
        """
        self.may_write(caller, book)
        _check_places(order.files)
        now = _now()
        job = IngestJob(
            job_id=f"job-{new_id()}",
            owner_id=caller.caller_id,
            book=book,
            status="queued",
            request=order.to_json(),
            created=now,
            updated=now,
        )
        shelved = [
            ShelvedFile(book, file.path, file.file_id, job.job_id, now, attributes or {})
            for file in order.files
        ]
        store = await self.store()
        removed = set(order.removed)
        if order.is_whole:
            removed |= {file.path for file in await store.shelves.files(book)}
        await store.jobs.add(
            job, shelved=shelved, removed=removed - {file.path for file in order.files}
        )
        self.wake()
        return job

    async def find_job(self, caller: Caller, job_id: str) -> IngestJob:
        """Return a job.

        Raises:
            NotFound: there is none of that id for this caller.
        """
        caller.require("author")
        found = await (await self.store()).jobs.find(job_id)
        if found is None or not caller.may_read(found.book):
            raise _no_job(job_id)
        return found

    async def jobs(self, caller: Caller, *, limit: int) -> list[IngestJob]:
        """Return the newest jobs of books that the caller may read, the newest first."""
        caller.require("author")
        found = await (await self.store()).jobs.latest(limit=limit)
        return [job for job in found if caller.may_read(job.book)]

    async def cancel_job(self, caller: Caller, job_id: str) -> IngestJob:
        """Cancel a job unless it is over; return it as it is now.

        Raises:
            NotFound: there is none of that id for this caller.
        """
        await self.find_job(caller, job_id)
        job = await (await self.store()).jobs.cancel(job_id, _now())
        if job is None:
            raise _no_job(job_id)
        self.wake()
        return job

    async def create_shelf(self, caller: Caller, shelf: Shelf) -> bool:
        """Make room for a book that has nothing in it yet; False where there is room already."""
        self.may_write(caller, shelf.book)
        return await (await self.store()).shelves.add(shelf)

    async def clear(self, book: str) -> None:
        """Forget what was shelved in a book, and cancel what is on its way into it."""
        if not self.store.is_open:  # nothing was ever shelved
            return
        store = await self.store()
        for job_id in {file.job_id for file in await store.shelves.files(book)}:
            await store.jobs.cancel(job_id, _now())
        await store.shelves.clear(book)
        self.wake()

    def may_write(self, caller: Caller, book: str) -> None:
        """Return when the caller may change a book.

        Raises:
            PermissionDenied: the caller is no author.
            NotFound: the caller may not read the book; as one that does not exist.
            InvalidRequest: it is no name of a book.
            Conflict: books are only read here.
        """
        caller.require("author")
        if self.is_read_only:
            raise Conflict(
                "The books are in a collection that another program fills; it is only read.",
                code="books_read_only",
            )
        check_book_id(book)
        if not caller.may_read(book):
            raise NotFound(f"There is no book '{book}'.", param="book", code="book_not_found")


def _check_places(files: Sequence[PlacedFile]) -> None:
    paths = [file.path for file in files]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise InvalidRequest(f"Two files are named {twice[0]!r}.", param="files")


def _no_file(file_id: str) -> NotFound:
    return NotFound(f"There is no file {file_id[:64]!r}.", param="file_id", code="file_not_found")


def _no_job(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id[:64]!r}.", param="job_id", code="job_not_found")


def _now() -> datetime:
    return datetime.now(UTC)
