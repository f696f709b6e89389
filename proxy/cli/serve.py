"""`book-proxy serve`."""

import asyncio
import contextlib
import signal
import socket
from typing import Annotated

import typer
import uvloop
from uvicorn.supervisors import Multiprocess

from proxy.app import create_app, open_store
from proxy.bootstrap.books import Endpoint
from proxy.bootstrap.readers import has_stored_keys, lazy_store
from proxy.bootstrap.serving import open_state
from proxy.cli.upstreams import answered_by
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.serving.listening import bound_socket
from proxy.serving.server import DrainingServer, server_config
from proxy.settings import LOOPBACK_HOSTS, Settings, load_settings
from proxy.state import AppState
from proxy.telemetry.logs import configure_logs, log


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; needs QDRANT_URL.")] = 1,
) -> None:
    """Serve the API and the chat page."""
    settings = load_settings()
    _check(settings, host, workers)
    configure_logs(settings.server.log_level, settings.server.log_format)
    endpoint = Endpoint(host, port)
    listening = bound_socket(host, port)
    if workers == 1:
        uvloop.run(_serve(settings, endpoint, listening))
        return
    asyncio.run(_try_opening(settings))
    _announce(settings, endpoint)
    config = server_config(
        "proxy.app:create_app_from_environment", settings.server, factory=True, workers=workers
    )
    Multiprocess(config, sockets=[listening]).run()


async def _serve(settings: Settings, endpoint: Endpoint, listening: socket.socket) -> None:
    async with open_state(settings, endpoint, runs_jobs=True) as state:
        _announce(settings, endpoint)
        await _warn_of_no_books(state)
        await open_store(state)
        server = DrainingServer(server_config(create_app(settings, state), settings.server))
        # uvicorn raises a signal again after its drain, which would end the process right there,
        # before anything is closed. Not set earlier: nobody would heed a signal during the start.
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda _signum, _frame: None)
        await server.serve([listening])
    log.info("stopped")


async def _warn_of_no_books(state: AppState) -> None:
    """Say that nothing can be found yet: a changed embedding model has an index of its own."""
    with contextlib.suppress(RetrievalUnavailable):
        if not await state.index.books():
            log.warning(
                "no_books",
                embedding_model=state.embedder.model,
                hint="ingest one: book-proxy ingest FOLDER --book ID",
            )


async def _try_opening(settings: Settings) -> None:
    """Fail here, with one line, rather than in every worker."""
    async with open_state(settings):
        pass


async def _has_keys(settings: Settings) -> bool:
    async with lazy_store(settings) as store:
        return await has_stored_keys(settings, store)


def _check(settings: Settings, host: str, workers: int) -> None:
    """Refuse what would expose or break something.

    Raises:
        ConfigurationError: with the way out.
    """
    server = settings.server
    if host not in LOOPBACK_HOSTS:
        if not (settings.has_auth or server.allow_anonymous or asyncio.run(_has_keys(settings))):
            raise ConfigurationError(
                f"refusing to serve {host} without auth: set PROXY_API_KEYS, make a key "
                "with 'book-proxy keys create', or set "
                "PROXY_ALLOW_ANONYMOUS=true to let everybody in"
            )
        if settings.gemini.api_key is None and settings.generator_choice is None:
            raise ConfigurationError(
                f"refusing to serve {host} with the offline reader by accident: set "
                "GEMINI_API_KEY or GENERATOR=openai, or GENERATOR=offline if it is meant"
            )
    if workers > 1 and not settings.qdrant.url:
        raise ConfigurationError(
            "the embedded index has one owner, so --workers above 1 needs a Qdrant server: "
            "set QDRANT_URL"
        )


def _announce(settings: Settings, endpoint: Endpoint) -> None:
    typer.echo(f"Open {endpoint.url} - OpenAI's API is at {endpoint.url}/v1")
    log.info(
        "serving",
        chat_page=endpoint.url,
        openai_base_url=f"{endpoint.url}/v1",
        answered_by=answered_by(settings),
        index="Qdrant server" if settings.qdrant.url else "embedded",
    )
