"""What is in a book: the documents of its live edition, and the files on their way into it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from proxy.corpus import Book, DocumentRecord
from proxy.errors import NotFound
from proxy.ports import IndexWriter
from proxy.store import IngestJob, LazyStore, ShelvedFile

DocumentStatus = Literal["in_progress", "completed", "cancelled", "failed"]
_NAMES = uuid.UUID("0d6c4b0e-6c6b-5a8e-9f3a-3a6f2f1f7c11")
_BYTES_PER_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file is no document."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A document, or a file that is to become one or several."""

    content_id: str
    """Of the upload; of the document itself where it came by another way."""
    book: str
    path: str
    status: DocumentStatus
    trouble: Trouble | None = None
    created: datetime
    usage_bytes: int = 0
    """Of its vectors in the index."""
    attributes: Mapping[str, str | float | bool] = field(
        default_factory=dict[str, str | float | bool]
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a book; `book` None while nothing of it was published."""

    book: Book | None
    documents: Sequence[Shelved]
    """Ordered by path."""

    def count(self, status: DocumentStatus) -> int:
        """Return how many have this status."""
        return sum(one.status == status for one in self.documents)


@dataclass(frozen=True, slots=True)
class Documents:
    """Looks into books."""

    store: LazyStore
    open_writer: Callable[[], AbstractAsyncContextManager[IndexWriter]]

    async def contents(self, book_id: str) -> Contents:
        """Return what is in a book, and on its way into it."""
        async with self.open_writer() as writer:
            manifest = await writer.manifest(book_id)
            book = await writer.book(book_id)
        records: Mapping[str, DocumentRecord] = manifest.documents if manifest else {}
        files = await self.shelved(book_id)
        jobs: Mapping[str, IngestJob] = {}
        if files:
            jobs = await (await self.store()).jobs.found({file.job_id for file in files})
        return Contents(book, _merged(book_id, book, records, files, jobs))

    async def shelved(self, book_id: str) -> Sequence[ShelvedFile]:
        """Return the uploads that were put into a book, ordered by path."""
        if not self.store.is_open:  # nothing was ever shelved
            return ()
        return await (await self.store()).shelves.files(book_id)

    async def place(self, content_id: str, books: Sequence[str]) -> tuple[str, str]:
        """Return the book and the path of a document by its id, or that of its upload.

        Raises:
            NotFound: it is in none of `books`.
        """
        for book_id in books:
            for one in (await self.contents(book_id)).documents:
                if content_id in {one.content_id, content_id_for(book_id, one.path)}:
                    return book_id, one.path
        raise NotFound(
            f"There is no content {content_id[:64]!r}.", param="id", code="content_not_found"
        )


def file_of(document_id: str, files: Sequence[ShelvedFile]) -> ShelvedFile | None:
    """Return the upload that a document was made of, None where it came by another way."""
    for file in files:
        if document_id == file.path or _is_below(document_id, file.path):
            return file
    return None


def content_id_for(book: str, path: str) -> str:
    """Return the id of a document: it names the place, whatever stands there."""
    place = f"{book}\n{path}"
    return f"doc-{uuid.uuid5(_NAMES, place).hex}"


def _merged(
    book_id: str,
    book: Book | None,
    records: Mapping[str, DocumentRecord],
    files: Sequence[ShelvedFile],
    jobs: Mapping[str, IngestJob],
) -> list[Shelved]:
    bytes_per_chunk = book.dimensions * _BYTES_PER_NUMBER if book else 0
    made = datetime.fromtimestamp(book.created_unix_s if book else 0, UTC)
    found: list[Shelved] = []
    covered: set[str] = set()
    for file in files:
        pages = [name for name in records if name == file.path or _is_below(name, file.path)]
        covered.update(pages)
        status, trouble = _state(file, jobs.get(file.job_id))
        if status == "completed" and not pages:
            continue  # taken out of the book by other means
        found.append(
            Shelved(
                content_id=file.file_id,
                book=book_id,
                path=file.path,
                status=status,
                trouble=trouble,
                created=file.created,
                usage_bytes=sum(records[page].chunks for page in pages) * bytes_per_chunk,
                attributes=file.attributes,
            )
        )
    found += [
        Shelved(
            content_id=content_id_for(book_id, name),
            book=book_id,
            path=name,
            status="completed",
            created=made,
            usage_bytes=record.chunks * bytes_per_chunk,
        )
        for name, record in records.items()
        if name not in covered
    ]
    return sorted(found, key=lambda one: one.path)


def _is_below(name: str, place: str) -> bool:
    return name.startswith(f"{place}/")


def _state(file: ShelvedFile, job: IngestJob | None) -> tuple[DocumentStatus, Trouble | None]:
    if job is None:
        return "completed", None
    if job.is_open:
        return "in_progress", None
    if job.status == "cancelled":
        return "cancelled", None
    if job.status == "failed":
        message = job.progress.get("error", {}).get("message", "The ingest failed.")
        return "failed", Trouble("server_error", message)
    for kind in ("failures", "skipped"):
        for one in job.progress.get(kind, ()):
            if one["path"] == file.path or _is_below(one["path"], file.path):
                is_unknown = one["reason"].startswith("unknown format")
                code = "unsupported_file" if is_unknown else "invalid_file"
                return "failed", Trouble(code, one["reason"])
    return "completed", None
