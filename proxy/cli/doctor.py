"""`book-proxy doctor`: is it configured right, and does everything answer."""

import asyncio
from urllib.parse import urlsplit

import typer

from proxy.bootstrap.books import running_server
from proxy.bootstrap.serving import open_state
from proxy.cli.data_folder import has_data_folder, without_traces
from proxy.cli.local_server import local_server
from proxy.cli.upstreams import answered_by
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs

_LABELS = {"qdrant": "index"}
"""What the check of `/ready` is called beside the line that says which index it is."""


def doctor() -> None:
    """Check the configuration and reach every configured service."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    typer.echo(f"answers    {settings.generator}, {answered_by(settings)}")
    typer.echo(f"embeds     {settings.embedder}")
    typer.echo(f"index      {_index(settings)}")
    asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> None:
    outcomes = await _outcomes(settings)
    for name, outcome in outcomes.items():
        typer.echo(f"{_LABELS.get(name, name):<10} {outcome}")
    if any(outcome != "ok" for outcome in outcomes.values()):
        raise typer.Exit(1)


def _index(settings: Settings) -> str:
    if settings.qdrant.url is None:
        where = f"embedded (no Qdrant server), {settings.server.data_dir.absolute()}"
        return where if has_data_folder(settings) else f"{where}: not there yet, see `ingest`"
    address = urlsplit(settings.qdrant.url)
    return f"Qdrant at {address.netloc.rpartition('@')[2]}"  # without a password


async def _outcomes(settings: Settings) -> dict[str, str]:
    found = running_server(settings)
    if found is not None:
        async with local_server(settings) as server:
            typer.echo(f"server     {found.url}, running; what follows it says of itself, as")
            typer.echo("           it was configured when it was started")
            return await server.readiness()
    with without_traces(settings) as untouched:
        return await _own_outcomes(untouched)


async def _own_outcomes(settings: Settings) -> dict[str, str]:
    async with open_state(settings) as state:
        return {name: await check.outcome() for name, check in state.checks.items()}
