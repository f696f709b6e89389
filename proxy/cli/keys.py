"""`book-proxy keys`: make, list and revoke API keys."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from proxy.bootstrap.readers import lazy_store
from proxy.caller import Allowance, Role
from proxy.cli.arguments import not_blank
from proxy.cli.data_folder import require_records
from proxy.errors import NotFound
from proxy.identity.api_keys import key_object, new_key
from proxy.settings import Settings, load_settings
from proxy.store import ApiKey
from proxy.telemetry.logs import configure_logs

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=False)

_PERIOD = re.compile(r"(\d{1,4})([hd])")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _moment(value: str) -> datetime:
    """Return the end of a period (`12h`, `30d`) or a date (`2027-01-31`, in UTC)."""
    if period := _PERIOD.fullmatch(value):
        hours = int(period[1]) * (24 if period[2] == "d" else 1)
        return datetime.now(UTC) + timedelta(hours=hours)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("is neither a period (12h, 30d) nor a date") from None


def _books(value: str | None) -> list[str] | None:
    named = [one.strip() for one in (value or "").split(",") if one.strip()]
    return named or None


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """List the keys where no subcommand is given."""
    if context.invoked_subcommand is None:
        list_keys()


@app.command("create")
def create(
    name: Annotated[str, typer.Option(callback=not_blank, help="Whose key it is, or what for.")],
    *,
    role: Annotated[Role, typer.Option(help="What it may do.")] = "reader",
    rpm: Annotated[
        int | None, typer.Option(min=0, help="Requests per minute; 0: without limit.")
    ] = None,
    tpm: Annotated[
        int | None, typer.Option(min=0, help="Tokens per minute; 0: without limit.")
    ] = None,
    tokens_per_day: Annotated[
        int | None, typer.Option(min=0, help="Tokens per day (UTC); 0: without limit.")
    ] = None,
    books: Annotated[str | None, typer.Option(help="The only books it may read: a,b.")] = None,
    expires: Annotated[
        datetime | None,
        typer.Option(parser=_moment, metavar="WHEN", help="12h, 30d, or a date."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secret is shown this once."""
    key, text = new_key(
        name,
        role=role,
        books=_books(books),
        allowance=Allowance(rpm, tpm, tokens_per_day),
        expires=expires,
    )
    asyncio.run(_add(_settings(), key))
    if as_json:
        typer.echo(orjson.dumps({**key_object(key), "key": text}).decode())
        return
    typer.echo(text)
    typer.echo(
        f"This is the key of '{name}' ({role}), shown this once. A server without any auth until "
        "now asks for keys after its next start.",
        err=True,
    )


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys."""
    keys = asyncio.run(_keys(_settings()))
    if as_json:
        typer.echo(orjson.dumps([key_object(key) for key in keys]).decode())
        return
    table = Table(
        Column("id", no_wrap=True), "name", "role", "books", "rpm", "tpm", "tokens/day", "state"
    )
    for key in keys:
        shown = key_object(key)
        columns = ("id", "name", "role", "books", "rpm", "tpm", "tokens_per_day", "state")
        table.add_row(*("" if shown[name] is None else str(shown[name]) for name in columns))
    Console().print(table)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="Id of the key.", metavar="ID")]) -> None:
    """End a key; servers know it within five seconds."""
    asyncio.run(_revoke(_settings(), key_id))
    typer.echo(f"revoked {key_id}")


def _settings() -> Settings:
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    return settings


async def _add(settings: Settings, key: ApiKey) -> None:
    async with lazy_store(settings) as store:
        await (await store()).keys.add(key)


async def _keys(settings: Settings) -> list[ApiKey]:
    require_records(settings)
    async with lazy_store(settings) as store:
        return list(await (await store()).keys.keys())


async def _revoke(settings: Settings, key_id: str) -> None:
    require_records(settings)
    async with lazy_store(settings) as store:
        if not await (await store()).keys.revoke(key_id, datetime.now(UTC)):
            raise NotFound(f"there is no key '{key_id}'")
