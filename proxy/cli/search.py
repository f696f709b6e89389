"""`book-proxy search`."""

import asyncio
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markdown import Markdown

from proxy.cli.arguments import not_blank
from proxy.cli.local_server import local_server
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs


def search(
    query: Annotated[str, typer.Argument(help="What to look for.", callback=not_blank)],
    book: Annotated[str | None, typer.Option(help="Id of a book; default: all.")] = None,
    top_k: Annotated[int, typer.Option(min=1, max=50, help="Passages at most.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list, best first.")] = False,
) -> None:
    """Show the passages nearest to a query, best first."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    asyncio.run(_search(settings, query, book, top_k, as_json=as_json))


def _show(passages: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(passages).decode())
        return
    console = Console()
    for passage in passages:
        console.rule(f"{passage['score']:.3f}  {passage['title']}", align="left")
        console.print(passage["url"], style="dim", highlight=False)
        console.print(Markdown(passage["text"]))
    if not passages:
        typer.echo("Nothing found: there is no book yet, see `book-proxy ingest`.")


async def _search(
    settings: Settings, query: str, book: str | None, top_k: int, *, as_json: bool
) -> None:
    async with local_server(settings) as server:
        passages = await server.get("/api/content/search", q=query, book=book, top_k=top_k)
    _show(passages, as_json=as_json)
