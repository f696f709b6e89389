"""Ingest: files → what changed → chunks → vectors → a new edition, published in one step.

A file that cannot be read is reported and the others go on; its last good version stays. Where
nothing changed, nothing is made and nothing embedded. Reading and cutting happen a few files at a
time, so that memory does not grow with the book; `workers.py` says where.
"""

import time
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from proxy.corpus import check_book_id, check_edition
from proxy.errors import Conflict
from proxy.ingest.batches import Batches
from proxy.ingest.canaries import Canaries
from proxy.ingest.gathering import base_url_of, gather
from proxy.ingest.indexer import Indexer
from proxy.ingest.job import ContextMode, Job, Order, plan
from proxy.ingest.loaders.sources import Expansion
from proxy.ingest.manifest import Changes
from proxy.ingest.report import IngestReport, Progress
from proxy.ingest.scratch import scratch_folder
from proxy.ingest.situating import CONTEXT_TOKENS, Situating
from proxy.ingest.terms import detected_language, index_terms
from proxy.ingest.workers import Workers
from proxy.ports import EditionDraft, Embedder, IndexWriter, SiteReader, VectorJournal


async def ingest(  # noqa: PLR0913 - the ports and what the author decides, nothing to bundle
    sources: Sequence[str | Path],
    *,
    book_id: str,
    title: str | None,
    base_url: str | None,
    edition: str | None,
    writer: IndexWriter,
    embedder: Embedder,
    journal: VectorJournal,
    progress: Progress,
    sites: SiteReader | None = None,
    language: str | None = None,
    canaries: Canaries | None = None,
    batches: Batches | None = None,
    workers: Workers | None = None,
    within: Collection[str] | None = None,
    dry_run: bool = False,
    quarantine: bool = False,
    context: ContextMode | None = None,
    situating: Situating | None = None,
) -> IngestReport:
    """Make the book hold what `sources` hold, and report.

    A source is a file, a folder, a glob or the address of a site, which is the base URL where none
    is given. Readers see the live edition until the new one is complete, or where nothing could be
    read. `title` and `base_url` None: the live edition's, at first the id and none; `NOWHERE`
    takes it away. `language`, two letters, says how words are compared; None: as the text does.
    `within` names the documents and folders that `sources` speak for: all others stay, as language
    and quarantine that are not given do. `canaries` are asked before publishing. `batches`, if any,
    embed hours later. `workers` read and cut; None: this process. A dry run changes nothing.
    `quarantine` fails documents with findings of `linter.py`. `context` None: as the live one's.

    Raises:
        InvalidRequest: an argument is not valid, or nobody reads the site or writes the contexts.
        Conflict: another process is writing this book; the new edition is worse than the live one.
        ProxyError: the embedder, the store or the workers failed.
    """
    start_s, vectors = time.monotonic(), _Vectors(embedder, journal, batches)
    site = base_url_of(base_url, sources)
    order = Order(check_book_id(book_id), title, site, language, within, quarantine, context)
    if edition is not None:
        check_edition(edition)

    async def attempt(found: Expansion) -> IngestReport:
        job = await plan(order, writer, embedder, workers or Workers(), progress, situating)
        changes = await job.survey(found)
        await job.tell_context_cost(changes)
        if dry_run:
            return await _estimate(job, changes, embedder)
        return await _publish(job, changes, writer, vectors, canaries or Canaries(), edition)

    with scratch_folder("site") as folder:
        found = await gather(sources, sites, folder, progress)
        try:
            report = await attempt(found)
        except _OvertakenError:
            report = await attempt(found)
    report.seconds = time.monotonic() - start_s
    return report


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Where vectors come from."""

    embedder: Embedder
    journal: VectorJournal
    batches: Batches | None


class _OvertakenError(Conflict):
    """Another process published the book after the plan was made, which knows nothing of it."""


async def _estimate(job: Job, changes: Changes, embedder: Embedder) -> IngestReport:
    async with aclosing(job.pages(changes, situated=False)) as pages:
        async for page in pages:
            texts = (chunk.indexed_text for chunk in page.chunks)
            job.report.embedded_tokens += sum(map(embedder.count_tokens, texts))
            if job.situating:
                job.report.embedded_tokens += CONTEXT_TOKENS * len(page.chunks)
            job.progress.advance(1)
    job.settle(changes)
    return job.report


async def _publish(
    job: Job,
    changes: Changes,
    writer: IndexWriter,
    vectors: _Vectors,
    canaries: Canaries,
    edition: str | None,
) -> IngestReport:
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
            return await stack.enter_async_context(
                Indexer(
                    cutting.book_id,
                    draft,
                    vectors.embedder,
                    vectors.journal,
                    job.progress.advance,
                    job.shares_vectors,
                    batches=vectors.batches,
                )
            )

        indexer: Indexer | None = None
        known: Collection[str] | None = None
        if job.workers.embed and (changes.added or changes.updated):
            indexer = await begin()
            known = await indexer.known_texts((*changes.updated, *changes.deleted))
        async with aclosing(job.pages(changes, known)) as pages:
            async for page in pages:
                indexer = indexer or await begin()
                await indexer.add(page.chunks, page.vectors)
                indexer.embedded_tokens += page.embedded_tokens
                if job.is_cut_anew:
                    canaries.sample(page.chunks)
        if not job.settle(changes):
            return job.report
        indexer = indexer or await begin()
        await indexer.finish()
        job.report.embedded_tokens = indexer.embedded_tokens
        await _go_live(job, changes, indexer.draft, vectors, canaries)
    return job.report


async def _go_live(
    job: Job, changes: Changes, draft: EditionDraft, vectors: _Vectors, canaries: Canaries
) -> None:
    """Complete the edition, ask it, weigh its words, and publish it."""
    manifest = await job.carry_over(draft, changes)
    job.progress.stage("publish", await draft.count())
    comparable = job.live if job.shares_vectors else None
    await canaries.inspect(draft, manifest, comparable, vectors.embedder)
    language = job.recipe.language or await detected_language(draft)
    lexicon = await index_terms(draft, language, job.progress.advance)
    job.report.book = await draft.publish(manifest, language=language, lexicon=lexicon)
    await vectors.journal.clear(job.cutting.book_id)
