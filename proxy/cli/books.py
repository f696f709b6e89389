"""`book-proxy books`: which there are, and away with them."""

import asyncio
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from proxy.bootstrap.books import open_ingest
from proxy.cli.data_folder import require_books
from proxy.cli.local_server import local_server
from proxy.cli.notify import tell_running_server
from proxy.errors import NotFound
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

app = typer.Typer(help="List, show, delete or roll back books.", no_args_is_help=False)

BookId = Annotated[str, typer.Argument(help="Id of the book.", metavar="ID")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """List the books where no subcommand is given."""
    if context.invoked_subcommand is None:
        list_books()


@app.command("list")
def list_books(as_json: AsJson = False) -> None:
    """List the books."""
    asyncio.run(_list(_settings(), as_json=as_json))


async def _list(settings: Settings, *, as_json: bool) -> None:
    found = await _books(settings)
    if as_json:
        typer.echo(orjson.dumps(found).decode())
        return
    table = Table(
        Column("id", no_wrap=True),
        "title",
        Column("edition", no_wrap=True),
        "documents",
        "chunks",
        "base URL",
    )
    for book in found:
        columns = ("id", "title", "edition", "documents", "chunks", "base_url")
        table.add_row(*(str(book[name] or "") for name in columns))
    Console().print(table)


@app.command("show")
def show(book_id: BookId) -> None:
    """Show one book as JSON."""
    asyncio.run(_show(_settings(), book_id))


async def _show(settings: Settings, book_id: str) -> None:
    found = [book for book in await _books(settings) if book["id"] == book_id]
    if not found:
        raise _unknown(book_id)
    typer.echo(orjson.dumps(found[0], option=orjson.OPT_INDENT_2).decode())


@app.command("delete")
def delete(book_id: BookId) -> None:
    """Delete a book with all its editions."""
    asyncio.run(_delete(_settings(), book_id))


@app.command("rollback")
def rollback(book_id: BookId) -> None:
    """Make the previous edition of a book the live one again."""
    asyncio.run(_rollback(_settings(), book_id))


def _settings() -> Settings:
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    return settings


async def _books(settings: Settings) -> list[dict[str, Any]]:
    async with local_server(settings) as server:
        return await server.get("/api/content/books")


async def _delete(settings: Settings, book_id: str) -> None:
    require_books(settings)
    async with open_ingest(settings, lambda: tell_running_server(settings, book_id)) as tools:
        if not await tools.writer.delete(book_id):
            raise _unknown(book_id)
    typer.echo(f"deleted {book_id}")


async def _rollback(settings: Settings, book_id: str) -> None:
    require_books(settings)
    async with open_ingest(settings, lambda: tell_running_server(settings, book_id)) as tools:
        book = await tools.writer.rollback(book_id)
    typer.echo(f"{book_id} is at edition {book.edition} again")


def _unknown(book_id: str) -> NotFound:
    return NotFound(f"there is no book '{book_id}'")
