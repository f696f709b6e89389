"""One ingest under way: what there is to read, what stays, and what came of it.

Knows the files and the live edition, and writes to no index but a draft. Called by `pipeline.py`.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from proxy.corpus import DocumentRecord, Manifest
from proxy.errors import InvalidRequest
from proxy.ingest.chunker import CHUNKER_VERSION, TokenBudget
from proxy.ingest.loaders.base import SourceFile
from proxy.ingest.loaders.sources import Expansion
from proxy.ingest.manifest import Changes, Recipe, compare, is_within, recipe_fields
from proxy.ingest.reading import Cutting, Failure, Omission, Page, cut_files, hash_files, in_groups
from proxy.ingest.report import ContextCost, IngestReport, Progress
from proxy.ingest.situating import CONTEXT_VERSION, SITUATED_BUDGET, Situating
from proxy.ingest.workers import Workers
from proxy.lexical.bm25 import LEXICAL_VERSION
from proxy.ports import EditionDraft, Embedder, IndexWriter

_MANY = 0.5
"""Share of a book's documents; when more go at once, its author is told."""

ContextMode = Literal["llm", "none"]
"""Who writes the contexts of chunks."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the author decided; see `pipeline.ingest`."""

    book_id: str
    title: str | None
    base_url: str | None
    """"": none; None: as the live edition's."""
    language: str | None
    within: Collection[str] | None
    quarantine: bool
    context: ContextMode | None = None


@dataclass(slots=True)
class Job:
    """One ingest under way."""

    cutting: Cutting
    recipe: Recipe
    within: Collection[str] | None
    workers: Workers
    progress: Progress
    live: Manifest | None
    report: IngestReport
    situating: Situating | None = None
    """Who writes contexts, where the book has them."""
    files: Mapping[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    kept: set[str] = field(default_factory=set[str])
    """Documents of the live edition that stay although they could not be read."""
    records: dict[str, DocumentRecord] = field(default_factory=dict[str, DocumentRecord])
    """Of the documents that were read for the new edition."""
    vanished: int = 0
    """Documents of the live edition whose file is a draft, or empty, now."""

    @property
    def live_documents(self) -> Mapping[str, DocumentRecord]:
        """The documents of the live edition."""
        return self.live.documents if self.live else {}

    @property
    def shares_vectors(self) -> bool:
        """Whether vectors of the live edition serve in the new one."""
        return self.live is not None and self.recipe.shares_vectors_with(self.live.recipe)

    @property
    def is_cut_anew(self) -> bool:
        """Whether the live edition's chunks were made otherwise."""
        return self.live is not None and self.live.recipe != self.recipe.text()

    async def survey(self, found: Expansion) -> Changes:
        """Hash every file and compare with the live edition."""
        self.report.failed += found.failed
        self.report.skipped += found.skipped
        self.files = {file.document_id: file for file in found.files}
        self.progress.stage("read", len(found.files))
        hashes: dict[str, str] = {}
        for files in in_groups(found.files):
            results = await asyncio.to_thread(hash_files, files)
            for file, result in zip(files, results, strict=True):
                if isinstance(result, Failure):
                    self.fail(result)
                else:
                    hashes[file.document_id] = result
            self.progress.advance(len(files))
        if not found.is_complete and self.shares_vectors:
            self.kept |= self.live_documents.keys() - self.files.keys()
        if self.within is not None:
            gone = {name for name in self.live_documents if is_within(name, self.within)}
            self.kept |= self.live_documents.keys() - self.files.keys() - gone
        changes = compare(hashes, self.live, recipe=self.recipe.text(), kept=self.kept)
        if self.within is None and hashes:  # without any, the book stays as it is
            self._notice_losses(len(changes.deleted))
        return changes

    def _notice_losses(self, deleted: int) -> None:
        """Tell when most of the book goes: who names one changed file seldom means that."""
        there = len(self.live_documents)
        if deleted <= there * _MANY:
            return
        book_id = self.cutting.book_id
        text = (
            f"{deleted} of the {there} documents of '{book_id}' are not among the sources and leave"
            " the book, which holds what one ingest names; a rollback brings them back"
            f" (`book-proxy books rollback {book_id}`)"
        )
        self.report.notices.append(text)
        self.progress.notice(text)

    def fail(self, failure: Failure) -> None:
        """Report a file, and keep the version of it that readers have."""
        self.report.failed.append((failure.file.label, failure.reason))
        if failure.file.document_id in self.live_documents and self.shares_vectors:
            self.kept.add(failure.file.document_id)

    async def pages(
        self,
        changes: Changes,
        known: Collection[str] | None = None,
        *,
        situated: bool = True,
    ) -> AsyncGenerator[Page]:
        """Yield the documents to index; report the files that turn out to be none.

        `known` are the texts that workers need not embed; None: workers embed nothing. `situated`
        False leaves out the contexts of a book that has them, and pays for none.
        """
        files = [self.files[name] for name in (*changes.added, *changes.updated)]
        self.progress.stage("index", len(files))
        situating = self.situating if situated else None
        # What is embedded has the context in it, which no worker writes.
        found = self.workers.pages(files, self.cutting, None if situating else known)
        results = situating.throughout(found) if situating else found
        async with aclosing(found), aclosing(results):
            async for result in results:
                if isinstance(result, Page):
                    self._count(result)
                    yield result
                    continue
                if isinstance(result, Failure):
                    self.fail(result)
                else:
                    self._omit(result)
                self.progress.advance(1)

    async def tell_context_cost(self, changes: Changes) -> None:
        """Estimate and announce what contexts of the documents to index cost, where there are."""
        if self.situating is None:
            return
        cost = ContextCost()
        names = (*changes.added, *changes.updated)
        self.progress.stage("estimate", len(names))
        for files in in_groups([self.files[name] for name in names]):
            for result in await asyncio.to_thread(cut_files, files, self.cutting):
                if isinstance(result, Page):
                    await self.situating.add_cost(result, cost)
            self.progress.advance(len(files))
        self.report.context = cost
        self.situating.announce(cost)

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
        if not self.records and not changes.unchanged and self.within is None:
            return False
        self.report.deleted = len(changes.deleted) + self.vanished
        return bool(self.records or self.report.deleted)

    def _label(self, name: str) -> str | None:
        file = self.files.get(name)
        return file.label if file else None

    async def carry_over(self, draft: EditionDraft, changes: Changes) -> Manifest:
        """Take over what stays as it is; return the manifest of the whole edition."""
        live = self.live_documents
        stays = {name: live[name] for name in changes.unchanged}
        for name in self.kept:
            # Without its hash where that may be another one now: the next ingest reads it again.
            is_as_it_was = (
                self.within is not None and not self.is_cut_anew and name not in self.files
            )
            stays[name] = live[name] if is_as_it_was else DocumentRecord("", live[name].chunks)
        if stays:
            await draft.carry_over(stays.keys())
        return Manifest(self.recipe.text(), {**stays, **self.records})


async def plan(
    order: Order,
    writer: IndexWriter,
    embedder: Embedder,
    workers: Workers,
    progress: Progress,
    situating: Situating | None,
) -> Job:
    """Return the job that an order comes to, with the live edition as it is now.

    Raises:
        InvalidRequest: the book is to have contexts, and `situating`, who would write them, is
            None.
        RetrievalUnavailable: the store cannot be reached.
    """
    # The manifest first: if it is still the live one when the draft begins, so is the book.
    live = await writer.manifest(order.book_id)
    title, base_url = await _title_and_base_url(order, writer)
    mode = order.context or _context_mode(live)
    if mode == "llm" and situating is None:
        raise InvalidRequest(
            "Contexts are written by a language model, and none is configured: set GEMINI_API_KEY,"
            " or go without (--context none)",
            param="context",
        )
    kept = recipe_fields(live.recipe if live and order.within is not None else "")
    language = order.language or kept.get("language")
    quarantine = order.quarantine or bool(kept.get("quarantines"))
    budget = SITUATED_BUDGET if mode == "llm" else TokenBudget()
    cutting = Cutting(order.book_id, base_url, embedder.count_tokens, budget, quarantine)
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
        context=f"llm {CONTEXT_VERSION}" if mode == "llm" else "",
    )
    return Job(
        cutting,
        recipe,
        order.within,
        workers,
        progress,
        live,
        IngestReport(base_url=cutting.base_url),
        situating if mode == "llm" else None,
    )


async def _title_and_base_url(order: Order, writer: IndexWriter) -> tuple[str, str | None]:
    """Return them as ordered, else as the live edition has them."""
    title, base_url = order.title, order.base_url
    if title is None or base_url is None:
        book = await writer.book(order.book_id)
        title = title or (book.title if book else order.book_id)
        base_url = book.base_url if book and base_url is None else base_url
    return title, base_url or None


def _context_mode(live: Manifest | None) -> ContextMode:
    """Return whether the live edition has contexts."""
    return "llm" if live and recipe_fields(live.recipe).get("context") else "none"
