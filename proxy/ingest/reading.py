"""From files to hashes, and from files to chunks: the work of the reading thread.

Called by `pipeline.py` for a few files at a time; nothing here knows of an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from proxy.corpus import Chunk, DocumentRecord
from proxy.ingest.chunker import CountTokens, TokenBudget, chunk_document
from proxy.ingest.loaders.base import Skipped, SourceFile, UnreadableSource, content_hash
from proxy.ingest.loaders.registry import LOADERS


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that cannot be read."""

    file: SourceFile
    reason: str


@dataclass(frozen=True, slots=True)
class Omission:
    """A file that is no document: a draft, or empty."""

    file: SourceFile
    note: str


@dataclass(frozen=True, slots=True)
class Page:
    """A document, cut."""

    file: SourceFile
    record: DocumentRecord
    chunks: Sequence[Chunk]


@dataclass(frozen=True, slots=True)
class Cutting:
    """How chunks are made."""

    book_id: str
    base_url: str | None
    count_tokens: CountTokens
    budget: TokenBudget


def hash_files(files: Sequence[SourceFile]) -> list[str | Failure]:
    """Return the content hash of each file, in order."""
    return [_hash(file) for file in files]


def cut_files(files: Sequence[SourceFile], cutting: Cutting) -> list[Page | Omission | Failure]:
    """Return the chunks of each file, in order."""
    return [_cut(file, cutting) for file in files]


def _hash(file: SourceFile) -> str | Failure:
    try:
        return content_hash(file.document_id, file.read())
    except UnreadableSource as exc:
        return Failure(file, exc.message)


def _cut(file: SourceFile, cutting: Cutting) -> Page | Omission | Failure:
    load = LOADERS[PurePosixPath(file.document_id).suffix.lower()]
    try:
        document = load(file.document_id, file.read())
    except UnreadableSource as exc:
        return Failure(file, exc.message)
    if isinstance(document, Skipped):
        return Omission(file, document.note)
    chunks = chunk_document(
        document,
        book=cutting.book_id,
        base_url=cutting.base_url,
        count_tokens=cutting.count_tokens,
        budget=cutting.budget,
    )
    return Page(file, DocumentRecord(document.content_hash, len(chunks)), chunks)
