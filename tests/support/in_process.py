"""Serves an ASGI application over a real socket from within the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from proxy.serving.server import server_config
from proxy.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class ServedApp:
    """An application that is being served."""

    url: str
    server: uvicorn.Server

    @property
    def v1(self) -> str:
        """The `base_url` for OpenAI clients."""
        return f"{self.url}/v1"


class _EventDrivenServer(uvicorn.Server):
    """uvicorn without its tick: it starts and stops when it is told to, not 0.1 s later."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()
        self.stop = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stop.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to pytest."""
        yield


@contextlib.asynccontextmanager
async def serve_app(
    app: ASGIApp, *, drain_timeout_s: int = 2, http: type[asyncio.Protocol] | None = None
) -> AsyncGenerator[ServedApp]:
    """Serve an ASGI application on a free loopback port, in the running event loop.

    uvicorn is configured as `serve` configures it, but for `http` if given.

    Lifespan included; leaving gives open answers `drain_timeout_s` to finish.

    Raises:
        RuntimeError: the application's lifespan failed to start; uvicorn has logged why.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        settings = ServerSettings.model_validate({"PROXY_DRAIN_TIMEOUT_S": drain_timeout_s})
        config = server_config(app, settings)
        config.http = http or config.http
        server = _EventDrivenServer(config)
        serving = asyncio.create_task(_serve(server, listener))
        started = asyncio.create_task(server.has_started.wait())
        await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            started.cancel()
            await serving
        try:
            yield ServedApp(f"http://127.0.0.1:{listener.getsockname()[1]}", server)
        finally:
            server.stop.set()
            await serving


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        await server.serve(sockets=[listener])
    except SystemExit as exc:
        raise RuntimeError("the application did not start") from exc
