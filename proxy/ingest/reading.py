"""From files to hashes, and from files to chunks: pure functions over batches.

Called for a few files at a time, hashing by `job.py` and cutting by `workers.py`, wherever that is
done; nothing here knows of an index.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from proxy.corpus import Chunk, DocumentRecord
from proxy.ingest.chunker import CountTokens, TokenBudget, chunk_document
from proxy.ingest.linter import Finding, lint
from proxy.ingest.loaders.base import Format, Skipped, Source, SourceFile, UnreadableSource
from proxy.ingest.loaders.registry import format_of
from proxy.queries import FloatVector

_FILES_AT_ONCE = 16
"""Per trip to the reading thread: enough to make the trip cheap, few enough for a smooth bar."""
_BYTES_AT_ONCE = 2 * 1024 * 1024
"""The same for memory: a file that is larger makes the trip alone."""


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
    findings: Sequence[Finding] = ()
    """What its author should look at."""
    vectors: Mapping[str, FloatVector] = field(default_factory=dict[str, FloatVector])
    """By `Chunk.text_hash`, of the texts that were embedded where the page was cut."""
    embedded_tokens: int = 0
    """Read for `vectors`."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How chunks are made."""

    book_id: str
    base_url: str | None
    count_tokens: CountTokens
    budget: TokenBudget
    quarantines: bool = False
    """Whether documents with findings are kept out of the book."""


def in_groups(files: Sequence[SourceFile]) -> Iterator[Sequence[SourceFile]]:
    """Yield the files in order, as many at once as make one trip to the reading thread."""
    group: list[SourceFile] = []
    size = 0
    for file in files:
        if group and (len(group) >= _FILES_AT_ONCE or size + file.size > _BYTES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append(file)
        size += file.size
    if group:
        yield group


def hash_files(files: Sequence[SourceFile]) -> list[str | Failure]:
    """Return the content hash of each file, in order."""
    return [_hash(file) for file in files]


def cut_files(files: Sequence[SourceFile], cutting: Cutting) -> list[Page | Omission | Failure]:
    """Return the chunks of each file, in order."""
    return [_cut(file, cutting) for file in files]


def _hash(file: SourceFile) -> str | Failure:
    try:
        source_format, source = _opened(file)
        return source_format.content_hash(source)
    except UnreadableSource as exc:
        return Failure(file, exc.message)


def _cut(file: SourceFile, cutting: Cutting) -> Page | Omission | Failure:
    try:
        source_format, source = _opened(file)
        document = source_format.load(source)
    except UnreadableSource as exc:
        return Failure(file, exc.message)
    if isinstance(document, Skipped):
        return Omission(file, document.note)
    findings = lint(document)
    if findings and cutting.quarantines:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return Failure(file, f"quarantined for {findings[0]}{more}")
    chunks = chunk_document(
        document,
        book=cutting.book_id,
        base_url=cutting.base_url,
        count_tokens=cutting.count_tokens,
        budget=cutting.budget,
    )
    record = DocumentRecord(source_format.content_hash(source), len(chunks))
    return Page(file, record, chunks, findings)


def _opened(file: SourceFile) -> tuple[Format, Source]:
    """Return a file's format and its bytes.

    Raises:
        UnreadableSource: an unknown format, or not to be read.
    """
    found = format_of(file.document_id, file.reads_as)
    return found, Source(file.document_id, file.read(found.max_bytes), file.beside)
