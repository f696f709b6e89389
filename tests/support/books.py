"""Whole books through all loaders, without an index."""

from pathlib import Path

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand


def read_book(*sources: Path) -> tuple[list[Document], list[tuple[str, str]]]:
    """Return the documents of a book, and what could not be read with the reason."""
    found = expand(sources)
    documents: list[Document] = []
    failures = list(found.failed)
    for file in found.files:
        how = format_of(file.document_id)
        try:
            read = how.load(Source(file.document_id, file.read(how.max_bytes), file.beside))
        except UnreadableSource as exc:
            failures.append((file.label, exc.message))
            continue
        if not isinstance(read, Skipped):
            documents.append(read)
    return documents, failures
