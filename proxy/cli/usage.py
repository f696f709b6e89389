"""`book-proxy usage`: who used how many tokens of what."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from proxy.bootstrap.readers import lazy_store
from proxy.cli.data_folder import require_records
from proxy.settings import Settings, load_settings
from proxy.store import DailyUsage
from proxy.telemetry.logs import configure_logs


def usage(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days, today included.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was used, by day (UTC), caller and model."""
    settings = load_settings()
    configure_logs("WARNING", settings.server.log_format)
    rows = asyncio.run(_usage(settings, days))
    shown = [
        {
            "day": row.day.isoformat(),
            "caller": row.caller_id,
            "model": row.model,
            "requests": row.count.requests,
            "prompt_tokens": row.count.prompt_tokens,
            "completion_tokens": row.count.completion_tokens,
        }
        for row in rows
    ]
    if as_json:
        typer.echo(orjson.dumps(shown).decode())
        return
    table = Table("day", "caller", "model", "requests", "prompt tokens", "completion tokens")
    for one in shown:
        table.add_row(*(str(value) for value in one.values()))
    Console().print(table)


async def _usage(settings: Settings, days: int) -> list[DailyUsage]:
    since = (datetime.now(UTC) - timedelta(days=days - 1)).date()
    require_records(settings)
    async with lazy_store(settings) as store:
        return list(await (await store()).usage.usage(since=since))
