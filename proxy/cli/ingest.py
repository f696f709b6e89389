"""`book-proxy ingest`."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from proxy.bootstrap.books import open_ingest
from proxy.bootstrap.engines import EngineName
from proxy.cli.arguments import none_blank
from proxy.cli.notify import tell_running_server
from proxy.cli.progress import terminal_progress
from proxy.errors import InvalidRequest
from proxy.ingest.canaries import MARGIN, Canaries, Canary
from proxy.ingest.pipeline import ingest as run_ingest
from proxy.ingest.report import ContextCost, IngestReport
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

_CanariesFile = Annotated[
    Path | None,
    typer.Option(
        help='Questions to ask the new edition before it goes live: JSON lines of {"question":'
        ' …, "document": path of the page that answers}.',
        exists=True,
        dir_okay=False,
    ),
]


class ContextChoice(StrEnum):
    """Who writes contexts."""

    LLM = "llm"
    NONE = "none"


_Context = Annotated[
    ContextChoice | None,
    typer.Option(
        help="`llm`: the fast model says of every chunk where it stands, which it is then found"
        " by; what that costs is told first. Default: as the book has it, at first `none`."
    ),
]

_BaseUrl = Annotated[
    str | None,
    typer.Option(help="Where its pages are served; default: as it is. `none`: nowhere."),
]
_Batch = Annotated[
    bool,
    typer.Option("--batch", help="Embed by Gemini's Batch API: half the price, within a day."),
]
_Engine = Annotated[
    EngineName,
    typer.Option(help="What reads, cuts and embeds: threads of this process, or a Ray."),
]


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs, or the address of a site or sitemap.",
            metavar="SOURCE…",
            callback=none_blank,
        ),
    ],
    book: Annotated[str, typer.Option(help="Id of the book.")],
    title: Annotated[
        str | None, typer.Option(help="Title of the book; default: as it is, at first its id.")
    ] = None,
    base_url: _BaseUrl = None,
    edition: Annotated[str | None, typer.Option(help="Name of the new edition.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Two-letter code of its language; default: as the text says."),
    ] = None,
    canaries: _CanariesFile = None,
    canary_margin: Annotated[
        float,
        typer.Option(min=0, max=1, help="How much of its recall the new edition may lose."),
    ] = MARGIN,
    context: _Context = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would.")
    ] = False,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine", help="Keep out documents with hidden text or orders to the model."
        ),
    ] = False,
    batch: _Batch = False,
    engine: _Engine = "threads",
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Make a book hold what the sources hold; unchanged files cost nothing."""
    settings = load_settings()
    configure_logs(settings.server.log_level, settings.server.log_format)
    options = {
        "book_id": book,
        "title": title or None,
        "base_url": base_url or None,
        "edition": edition,
        "language": language or None,
        "canaries": Canaries(read_canaries(canaries) if canaries else (), canary_margin),
        "quarantine": quarantine,
        "context": context.value if context else None,
    }
    report = asyncio.run(
        _run(settings, sources, options, engine, by_batches=batch, dry_run=dry_run)
    )
    if as_json:
        typer.echo(orjson.dumps(report.summary()).decode())
    else:
        _print(report, is_dry_run=dry_run)
    if report.failed:
        raise typer.Exit(1)


async def _run(
    settings: Settings,
    sources: list[str],
    options: dict[str, Any],
    engine: EngineName,
    *,
    by_batches: bool,
    dry_run: bool,
) -> IngestReport:
    async def published() -> None:
        await tell_running_server(settings, options["book_id"])

    with terminal_progress() as progress:
        async with open_ingest(settings, published, engine, by_batches=by_batches) as tools:
            return await run_ingest(
                sources,
                **options,
                writer=tools.writer,
                embedder=tools.embedder,
                journal=tools.journal,
                sites=tools.sites,
                situating=tools.contexts.of_book(options["book_id"], _tell_cost),
                workers=tools.workers,
                batches=tools.batches,
                progress=progress,
                dry_run=dry_run,
            )


def _tell_cost(cost: ContextCost) -> None:
    """Say what contexts cost, before it is paid; on stderr, for stdout is the summary's."""
    typer.echo(
        f"contexts: {cost.chunks} to write ({cost.known} are there), at most {cost.input_tokens:,}"
        f" tokens in and {cost.output_tokens:,} out",
        err=True,
    )


def read_canaries(path: Path) -> list[Canary]:
    """Return the questions in a file of JSON lines.

    Raises:
        InvalidRequest: a line is none.
    """
    found: list[Canary] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            given = orjson.loads(line)
            found.append(Canary(str(given["question"]), str(given["document"])))
        except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
            raise InvalidRequest(
                f'{path}: line {number} is no {{"question": …, "document": …}}', param="canaries"
            ) from exc
    return found


def _print(report: IngestReport, *, is_dry_run: bool) -> None:
    if not any((report.added, report.updated, report.unchanged, report.deleted, report.failed)):
        typer.echo("No file of a known format was found; the book is as it was.", err=True)
    for path, reason in report.failed:
        typer.echo(f"failed   {path}: {reason}", err=True)
    for path, reason in report.skipped:
        typer.echo(f"skipped  {path}: {reason}", err=True)
    for path, reason in report.warnings:
        typer.echo(f"warning  {path}: {reason}", err=True)
    summary = report.summary()
    counts = ("added", "updated", "unchanged", "deleted", "failed")
    typer.echo("  ".join(f"{name} {summary[name]}" for name in counts))
    cost = "at most {} tokens to embed" if is_dry_run else "{} tokens embedded"
    tokens = cost.format(report.embedded_tokens)
    if report.base_url:
        typer.echo(f"pages are linked at {report.base_url}")
    typer.echo(f"{report.chunks} chunks, {tokens}, {report.seconds:.1f} s")
