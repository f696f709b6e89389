"""`book-proxy eval`."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from proxy.bootstrap.books import open_ingest
from proxy.bootstrap.serving import open_state
from proxy.cli.data_folder import in_data_folder
from proxy.cli.local_server import local_server
from proxy.cli.progress import terminal_progress
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.evaluation.beir import QuestionSet
from proxy.evaluation.corpus_files import write_documents
from proxy.evaluation.retrieval import Rank, measure
from proxy.ingest.pipeline import ingest as run_ingest
from proxy.ingest.report import Progress
from proxy.ingest.scratch import scratch_folder
from proxy.protocol.rag_options import MAX_TOP_K
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

_BOOK = "evaluation"
_QUESTION_TIMEOUT_S = 60.0


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="In BEIR's layout: queries.jsonl, qrels/test.tsv, corpus.jsonl.",
            exists=True,
            file_okay=False,
        ),
    ],
    book: Annotated[
        str | None, typer.Option(help="Search this book instead of ingesting the corpus.")
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(help="Ingest this folder instead of corpus.jsonl.", exists=True),
    ] = None,
    top_k: Annotated[int, typer.Option(min=1, max=MAX_TOP_K, help="Documents that count.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how well the documents that answer questions are found."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    figures = asyncio.run(_evaluate(settings, QuestionSet(folder), book, corpus, top_k))
    if as_json:
        typer.echo(orjson.dumps(figures).decode())
    else:
        _show(figures)


async def _evaluate(
    settings: Settings, questions: QuestionSet, book: str | None, corpus: Path | None, top_k: int
) -> dict[str, Any]:
    judged = questions.questions()
    if not judged:
        raise InvalidRequest(f"{questions.folder} has no question with a judgement")
    with terminal_progress() as progress:
        searched = (
            _in_book(settings, book)
            if book is not None
            else _in_throw_away_index(settings, questions, corpus, progress)
        )
        async with searched as place:
            progress.stage("ask", len(judged))
            figures = await measure(judged, place.rank, k=top_k, advance=progress.advance)
    return {**figures, "documents": place.documents, "chunks": place.chunks}


@dataclass(frozen=True, slots=True)
class _Place:
    """What is searched."""

    rank: Rank
    documents: int
    chunks: int


@asynccontextmanager
async def _in_book(settings: Settings, book: str) -> AsyncGenerator[_Place]:
    async with local_server(settings) as server:
        there = [b for b in await server.get("/api/content/books") if b["id"] == book]
        if not there:
            raise InvalidRequest(f"There is no book '{book}'.")

        async def rank(question: str) -> Sequence[str]:
            found = await server.get("/api/content/search", q=question, book=book, top_k=MAX_TOP_K)
            return [passage["filepath"] for passage in found]

        yield _Place(rank, there[0]["documents"], there[0]["chunks"])


@asynccontextmanager
async def _in_throw_away_index(
    settings: Settings, questions: QuestionSet, corpus: Path | None, progress: Progress
) -> AsyncGenerator[_Place]:
    with scratch_folder("eval") as folder:
        sources, ids = corpus or folder / "corpus", dict[str, str]()
        if corpus is None:
            ids = await asyncio.to_thread(write_documents, sources, questions.documents())
        alone = _apart(settings, folder / "data")
        async with open_ingest(alone, _nobody_to_tell) as tools:
            report = await run_ingest(
                [sources],
                book_id=_BOOK,
                title=None,
                base_url=None,
                edition=None,
                writer=tools.writer,
                embedder=tools.embedder,
                journal=tools.journal,
                progress=progress,
            )
        _require_whole(report.failed)
        async with open_state(alone) as state:
            books = await state.index.books()

            async def rank(question: str) -> Sequence[str]:
                deadline = Deadline.after(_QUESTION_TIMEOUT_S)
                found = await state.retriever.rank(question, books, deadline)
                return [ids.get(c.document_id, c.document_id) for c in found]

            yield _Place(rank, sum(b.documents for b in books), sum(b.chunks for b in books))


async def _nobody_to_tell() -> None:
    """Stand for the server that would look for the new edition."""


def _apart(settings: Settings, data_dir: Path) -> Settings:
    """Return the settings of an index of its own, which nothing else ever sees."""
    qdrant = settings.qdrant.model_copy(update={"url": None})
    return in_data_folder(settings, data_dir).model_copy(update={"qdrant": qdrant})


def _require_whole(failed: Sequence[tuple[str, str]]) -> None:
    if failed:
        path, reason = failed[0]
        raise InvalidRequest(f"{len(failed)} documents cannot be read, the first: {path}: {reason}")


def _show(figures: Mapping[str, Any]) -> None:
    table = Table()
    table.add_column("questions")
    names = list(figures["intervals"])
    for name in names:
        table.add_column(name, justify="right")
    rows = {"all": figures, **figures["groups"]}
    for label, row in rows.items():
        cells = (
            f"{row[name]:.3f}  [{row['intervals'][name][0]:.3f}, {row['intervals'][name][1]:.3f}]"
            for name in names
        )
        table.add_row(f"{label} ({row['queries']})", *cells)
    Console(width=140).print(table)
    typer.echo(
        f"{figures['documents']} documents, {figures['chunks']} chunks; "
        f"{figures['queries'] / max(figures['seconds'], 1e-9):.0f} questions a second"
    )
