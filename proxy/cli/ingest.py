"""`book-proxy ingest`."""

import asyncio
from typing import Annotated, Any

import orjson
import typer

from proxy.bootstrap import open_ingest
from proxy.cli.arguments import none_blank
from proxy.cli.notify import tell_running_server
from proxy.cli.progress import terminal_progress
from proxy.ingest.pipeline import ingest as run_ingest
from proxy.ingest.report import IngestReport
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs


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
    base_url: Annotated[str | None, typer.Option(help="Where its pages are served.")] = None,
    edition: Annotated[str | None, typer.Option(help="Name of the new edition.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Two-letter code of its language; default: as the text says."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would.")
    ] = False,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine", help="Keep out documents with hidden text or orders to the model."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Make a book hold what the sources hold; unchanged files cost nothing."""
    settings = load_settings()
    configure_logs(settings.server.log_level, settings.server.log_format)
    options = {
        "book_id": book,
        "title": title or None,
        "base_url": base_url,
        "edition": edition,
        "language": language or None,
        "quarantine": quarantine,
    }
    report = asyncio.run(_run(settings, sources, options, dry_run=dry_run))
    if as_json:
        typer.echo(orjson.dumps(_summary(report)).decode())
    else:
        _print(report)
    if report.failed:
        raise typer.Exit(1)


async def _run(
    settings: Settings, sources: list[str], options: dict[str, Any], *, dry_run: bool
) -> IngestReport:
    async def published() -> None:
        await tell_running_server(settings, options["book_id"])

    with terminal_progress() as progress:
        async with open_ingest(settings, published) as tools:
            return await run_ingest(
                sources,
                **options,
                writer=tools.writer,
                embedder=tools.embedder,
                sites=tools.sites,
                progress=progress,
                dry_run=dry_run,
            )


def _summary(report: IngestReport) -> dict[str, Any]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": len(report.failed),
        "failures": [{"path": path, "reason": reason} for path, reason in report.failed],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "warnings": [{"path": path, "reason": reason} for path, reason in report.warnings],
        "chunks": report.chunks,
        "embedded_tokens": report.embedded_tokens,
        "edition": report.book.edition if report.book else None,
        "seconds": round(report.seconds, 2),
    }


def _print(report: IngestReport) -> None:
    if not any((report.added, report.updated, report.unchanged, report.deleted, report.failed)):
        typer.echo("No file of a known format was found; the book is as it was.", err=True)
    for path, reason in report.failed:
        typer.echo(f"failed   {path}: {reason}", err=True)
    for path, reason in report.skipped:
        typer.echo(f"skipped  {path}: {reason}", err=True)
    for path, reason in report.warnings:
        typer.echo(f"warning  {path}: {reason}", err=True)
    summary = _summary(report)
    counts = ("added", "updated", "unchanged", "deleted", "failed")
    typer.echo("  ".join(f"{name} {summary[name]}" for name in counts))
    typer.echo(
        f"{report.chunks} chunks, {report.embedded_tokens} tokens embedded, {report.seconds:.1f} s"
    )
