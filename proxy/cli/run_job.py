"""`book-proxy run-job`: what a server starts for one ingest job; not for people."""

import asyncio
import os
import sys
import threading
from typing import Annotated

import typer

from proxy.bootstrap.books import open_ingest
from proxy.bootstrap.readers import lazy_store
from proxy.cli.notify import tell_running_server
from proxy.errors import Conflict, NotFound
from proxy.library.process import BUSY_EXIT_CODE
from proxy.library.work import work_on
from proxy.settings import Settings, load_settings
from proxy.telemetry.logs import configure_logs


def run_job(job_id: Annotated[str, typer.Argument(help="Id of the job.")]) -> None:
    """Work on one ingest job, as long as the process that asks for it lives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = load_settings()
    configure_logs(settings.server.log_level, settings.server.log_format)
    try:
        asyncio.run(_run(settings, job_id))
    except Conflict as exc:
        raise typer.Exit(BUSY_EXIT_CODE) from exc


async def _run(settings: Settings, job_id: str) -> None:
    async with lazy_store(settings) as opening:
        store = await opening()
        job = await store.jobs.find(job_id)
        if job is None:
            raise NotFound(f"there is no job {job_id!r}")

        async def published() -> None:
            await tell_running_server(settings, job.book)

        async with open_ingest(settings, published) as tools:
            await work_on(job, store, tools)


def _end_with_parent() -> None:
    """Wait for the end of standard input, a pipe whose other end closes with the parent."""
    sys.stdin.buffer.read()
    os._exit(1)
