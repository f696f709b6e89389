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
    explain: Annotated[
        bool, typer.Option(help="Print what the search did too, as JSON, on stderr.")
    ] = False,
) -> None:
    """Show the passages that fit a query, best first."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    found = asyncio.run(_search(settings, q=query, book=book, top_k=top_k, explain=True))
    _show(found["passages"], as_json=as_json)
    if explain:
        typer.echo(orjson.dumps(found["explain"], option=orjson.OPT_INDENT_2).decode(), err=True)


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


async def _search(settings: Settings, **asked: Any) -> Any:
    async with local_server(settings) as server:
        return await server.get("/api/content/search", **asked)
