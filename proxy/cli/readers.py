"""`book-proxy readers`: who has been there, and who may come in no more."""

import asyncio
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from proxy.bootstrap.readers import lazy_store
from proxy.cli.data_folder import require_records
from proxy.settings import Settings, load_settings
from proxy.store import Reader
from proxy.telemetry.logs import configure_logs

app = typer.Typer(help="List, shut out or let in readers.", no_args_is_help=False)

ReaderId = Annotated[
    str, typer.Argument(help="Id of the reader, as `list` shows it.", metavar="ID")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """List the readers where no subcommand is given."""
    if context.invoked_subcommand is None:
        list_readers()


@app.command("list")
def list_readers(as_json: AsJson = False) -> None:
    """List the readers."""
    readers = asyncio.run(_readers(_settings()))
    shown = [
        {
            "id": reader.reader_id,
            "software": reader.background.software,
            "hardware": reader.background.hardware,
            "state": "active" if reader.is_active else "deactivated",
        }
        for reader in readers
    ]
    if as_json:
        typer.echo(orjson.dumps(shown).decode())
        return
    table = Table(Column("id", no_wrap=True), "software", "hardware", "state")
    for one in shown:
        table.add_row(*(value or "" for value in one.values()))
    Console().print(table)


@app.command("deactivate")
def deactivate(reader_id: ReaderId) -> None:
    """Shut a reader out, whatever its token says; servers know it within five seconds."""
    asyncio.run(_set_active(_settings(), reader_id, is_active=False))
    typer.echo(f"deactivated {reader_id}")


@app.command("activate")
def activate(reader_id: ReaderId) -> None:
    """Let a reader in again."""
    asyncio.run(_set_active(_settings(), reader_id, is_active=True))
    typer.echo(f"activated {reader_id}")


def _settings() -> Settings:
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    return settings


async def _readers(settings: Settings) -> list[Reader]:
    require_records(settings)
    async with lazy_store(settings) as store:
        return list(await (await store()).readers.readers())


async def _set_active(settings: Settings, reader_id: str, *, is_active: bool) -> None:
    async with lazy_store(settings) as store:
        await (await store()).readers.set_active(reader_id, is_active=is_active)
