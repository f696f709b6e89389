"""Ingest: files → what changed → chunks → vectors → a new edition, published in one step.

A file that cannot be read is reported and the others go on; its last good version stays. Where
nothing changed, nothing is made and nothing embedded. Reading and cutting happen in a worker
thread, a few files at a time, so that memory does not grow with the book.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path

from proxy.corpus import DocumentRecord, Manifest, check_book_id, check_edition
from proxy.errors import Conflict
from proxy.ingest.chunker import CHUNKER_VERSION, TokenBudget
from proxy.ingest.gathering import base_url_of, gather
from proxy.ingest.indexer import Indexer
from proxy.ingest.loaders.base import SourceFile
from proxy.ingest.loaders.sources import Expansion
from proxy.ingest.manifest import Changes, Recipe, compare
from proxy.ingest.reading import Cutting, Failure, Omission, Page, cut_files, hash_files
from proxy.ingest.report import IngestReport, Progress
from proxy.ingest.terms import detected_language, index_terms
from proxy.lexical.bm25 import LEXICAL_VERSION
from proxy.ports import EditionDraft, Embedder, IndexWriter
from proxy.sites import SiteReader

_FILES_AT_ONCE = 16
"""Per trip to the reading thread: enough to make the trip cheap, few enough for a smooth bar."""
_BYTES_AT_ONCE = 2 * 1024 * 1024
"""The same for memory: a file that is larger makes the trip alone."""


@dataclass(slots=True)
class _Job:
    """One ingest under way."""

    cutting: Cutting
    recipe: Recipe
    progress: Progress
    live: Manifest | None
    report: IngestReport
    files: Mapping[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    kept: set[str] = field(default_factory=set[str])
    """Documents of the live edition that stay although they could not be read."""
    records: dict[str, DocumentRecord] = field(default_factory=dict[str, DocumentRecord])
    """Of the documents that were read for the new edition."""
    vanished: int = 0
    """Documents of the live edition whose file is a draft, or empty, now."""

    @property
    def live_documents(self) -> Mapping[str, DocumentRecord]:
        return self.live.documents if self.live else {}

    @property
    def shares_vectors(self) -> bool:
        return self.live is not None and self.recipe.shares_vectors_with(self.live.recipe)

    async def survey(self, found: Expansion) -> Changes:
        """Hash every file and compare with the live edition."""
        self.report.failed += found.failed
        self.files = {file.document_id: file for file in found.files}
        self.progress.stage("read", len(found.files))
        hashes: dict[str, str] = {}
        for files in _in_groups(found.files):
            results = await asyncio.to_thread(hash_files, files)
            for file, result in zip(files, results, strict=True):
                if isinstance(result, Failure):
                    self.fail(result)
                else:
                    hashes[file.document_id] = result
            self.progress.advance(len(files))
        if not found.is_complete and self.shares_vectors:
            self.kept |= self.live_documents.keys() - self.files.keys()
        return compare(hashes, self.live, recipe=self.recipe.text(), kept=self.kept)

    def fail(self, failure: Failure) -> None:
        """Report a file, and keep the version of it that readers have."""
        self.report.failed.append((failure.file.label, failure.reason))
        if failure.file.document_id in self.live_documents and self.shares_vectors:
            self.kept.add(failure.file.document_id)

    async def pages(self, changes: Changes) -> AsyncGenerator[Page]:
        """Yield the documents to index; report the files that turn out to be none."""
        names = (*changes.added, *changes.updated)
        self.progress.stage("index", len(names))
        for files in _in_groups([self.files[name] for name in names]):
            for result in await asyncio.to_thread(cut_files, files, self.cutting):
                if isinstance(result, Page):
                    self._count(result)
                    yield result
                    continue
                if isinstance(result, Failure):
                    self.fail(result)
                else:
                    self._omit(result)
                self.progress.advance(1)

    def _count(self, page: Page) -> None:
        name = page.file.document_id
        if name in self.live_documents:
            self.report.updated += 1
        else:
            self.report.added += 1
        self.report.chunks += len(page.chunks)
        self.report.warnings += [(page.file.label, str(finding)) for finding in page.findings]
        self.records[name] = page.record

    def _omit(self, omission: Omission) -> None:
        self.report.skipped.append((omission.file.label, omission.note))
        self.vanished += omission.file.document_id in self.live_documents

    def settle(self, changes: Changes) -> bool:
        """Complete the counts; tell whether there is an edition to publish.

        There is none when it would repeat the live one, or hold nothing that was read now: a book
        is not emptied because its files are out of reach.
        """
        failed = {path for path, _ in self.report.failed}
        silent = [name for name in self.kept if self._label(name) not in failed]
        self.report.unchanged = len(changes.unchanged) + len(silent)
        if not self.records and not changes.unchanged:
            return False
        self.report.deleted = len(changes.deleted) + self.vanished
        return bool(self.records or self.report.deleted)

    def _label(self, name: str) -> str | None:
        file = self.files.get(name)
        return file.label if file else None

    async def carry_over(self, draft: EditionDraft, changes: Changes) -> Manifest:
        """Take over what stays as it is; return the manifest of the whole edition."""
        stays = {name: self.live_documents[name] for name in changes.unchanged}
        for name in self.kept:
            # Without its hash, so that the next ingest reads it again.
            stays[name] = DocumentRecord("", self.live_documents[name].chunks)
        if stays:
            await draft.carry_over(stays.keys())
        return Manifest(self.recipe.text(), {**stays, **self.records})


async def ingest(  # noqa: PLR0913 - the four ports and what the author decides, nothing to bundle
    sources: Sequence[str | Path],
    *,
    book_id: str,
    title: str | None,
    base_url: str | None,
    edition: str | None,
    writer: IndexWriter,
    embedder: Embedder,
    progress: Progress,
    sites: SiteReader | None = None,
    language: str | None = None,
    dry_run: bool = False,
    quarantine: bool = False,
) -> IngestReport:
    """Make the book hold what `sources` hold, and report.

    A source is a file, a folder, a glob or the address of a site, which is the base URL where none
    is given. Readers see the live edition until the new one is complete, and go on with it where
    nothing could be read. `title` None keeps the live edition's; a new book is called by its id.
    `language`, two letters, decides how words are compared; None takes it from the text. A dry run
    changes nothing and embeds nothing. With `quarantine`, a document in which `linter.py` finds
    something fails.

    Raises:
        InvalidRequest: `book_id`, `base_url` or `edition` is not valid, or a source is a site where
            `sites` is None.
        Conflict: another process is writing this book, or goes on publishing it.
        ProxyError: the embedder or the store failed.
    """
    start_s = time.monotonic()
    check_book_id(book_id)
    base_url = base_url_of(base_url, sources)
    if edition is not None:
        check_edition(edition)
    cutting = Cutting(book_id, base_url, embedder.count_tokens, TokenBudget(), quarantine)

    async def attempt(found: Expansion) -> IngestReport:
        job = await _plan(cutting, title, language, writer, embedder, progress)
        changes = await job.survey(found)
        if dry_run:
            await _estimate(job, changes, embedder)
        else:
            await _publish(job, changes, writer, embedder, edition)
        return job.report

    with tempfile.TemporaryDirectory(prefix="book-proxy-site-") as folder:
        found = await gather(sources, sites, Path(folder), progress)
        try:
            report = await attempt(found)
        except _OvertakenError:
            report = await attempt(found)
    report.seconds = time.monotonic() - start_s
    return report


async def _plan(
    cutting: Cutting,
    title: str | None,
    language: str | None,
    writer: IndexWriter,
    embedder: Embedder,
    progress: Progress,
) -> _Job:
    # The manifest first: if it is still the live one when the draft begins, so is the title.
    live = await writer.manifest(cutting.book_id)
    if title is None:
        book = await writer.book(cutting.book_id)
        title = book.title if book else cutting.book_id
    recipe = Recipe(
        chunker_version=CHUNKER_VERSION,
        target_tokens=cutting.budget.target,
        max_tokens=cutting.budget.maximum,
        title=title,
        base_url=cutting.base_url,
        quarantines=cutting.quarantines,
        embedding_model=embedder.model,
        dimensions=embedder.dimensions,
        lexical_version=LEXICAL_VERSION,
        language=language,
    )
    return _Job(cutting, recipe, progress, live, IngestReport())


class _OvertakenError(Conflict):
    """Another process published the book after the plan was made, which knows nothing of it."""


async def _estimate(job: _Job, changes: Changes, embedder: Embedder) -> None:
    async with aclosing(job.pages(changes)) as pages:
        async for page in pages:
            texts = (chunk.indexed_text for chunk in page.chunks)
            job.report.embedded_tokens += sum(map(embedder.count_tokens, texts))
            job.progress.advance(1)
    job.settle(changes)


async def _publish(
    job: _Job, changes: Changes, writer: IndexWriter, embedder: Embedder, edition: str | None
) -> None:
    """Make the new edition; the draft is begun only once there is something to put in it."""
    async with AsyncExitStack() as stack:

        async def begin() -> Indexer:
            cutting, title = job.cutting, job.recipe.title
            draft = await stack.enter_async_context(
                writer.draft(
                    cutting.book_id, title=title, base_url=cutting.base_url, edition=edition
                )
            )
            # Nobody else can publish from here on.
            if await writer.manifest(cutting.book_id) != job.live:
                raise _OvertakenError(
                    f"Book {cutting.book_id!r} changed meanwhile; run the ingest again"
                )
            return Indexer(draft, embedder, job.progress.advance, job.shares_vectors)

        indexer: Indexer | None = None
        async with aclosing(job.pages(changes)) as pages:
            async for page in pages:
                indexer = indexer or await begin()
                await indexer.add(page.chunks)
        if not job.settle(changes):
            return
        indexer = indexer or await begin()
        await indexer.finish()
        job.report.embedded_tokens = indexer.embedded_tokens
        draft = indexer.draft
        manifest = await job.carry_over(draft, changes)
        language = job.recipe.language or await detected_language(draft)
        lexicon = await index_terms(draft, language)
        job.report.book = await draft.publish(manifest, language=language, lexicon=lexicon)


def _in_groups(files: Sequence[SourceFile]) -> Iterator[Sequence[SourceFile]]:
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
