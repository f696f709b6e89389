"""The server a command talks to: the one that runs on this machine, or one of its own.

The embedded index has one owner, and a question takes one path: commands that read the books are
clients of a server, always. Where none is running they serve themselves on a free port.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import orjson
import uvicorn

from proxy.app import create_app
from proxy.bootstrap.books import ServerAddress, running_server
from proxy.bootstrap.serving import open_state
from proxy.cli.data_folder import require_books, without_traces
from proxy.deadline import Deadline
from proxy.errors import Conflict, ProxyError
from proxy.serving.listening import bound_socket
from proxy.serving.server import server_config
from proxy.settings import Settings
from proxy.state import AppState

_TIMEOUT = httpx.Timeout(310.0, connect=5.0)
_LOOPBACK = "127.0.0.1"
_PATIENCE_S = 30.0
_POLL_S = 0.1
_DEFAULT_SERVE_URL = "http://127.0.0.1:8000"


class LocalServerError(ProxyError):
    """The server refused or could not be reached; the message is its own."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A client of a server that takes this process for its admin."""

    http: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> Any:
        """Return the JSON at `path`.

        Raises:
            LocalServerError: the server said no.
        """
        given = {name: value for name, value in params.items() if value is not None}
        return await self._json(self.http.build_request("GET", path, params=given))

    async def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON that answers `body`.

        Raises:
            LocalServerError: the server said no.
        """
        return await self._json(self.http.build_request("POST", path, json=body))

    async def events(self, path: str, body: Any) -> AsyncGenerator[dict[str, Any]]:
        """Yield the events of a stream.

        Raises:
            LocalServerError: the server said no, or its stream broke.
        """
        try:
            async with self.http.stream("POST", path, json=body) as response:
                if response.status_code != 200:
                    raise _refusal(await response.aread())
                async with aclosing(_events(response.aiter_bytes())) as events:
                    async for event in events:
                        if "error" in event:
                            raise LocalServerError(event["error"]["message"])
                        yield event
        except httpx.HTTPError as exc:
            raise LocalServerError(f"the running server does not answer: {exc!r}") from exc

    async def readiness(self) -> dict[str, str]:
        """Return what `/ready` says of each dependency.

        Raises:
            LocalServerError: it does not answer.
        """
        return (await self._json(self.http.build_request("GET", "/ready"), also=503))["checks"]

    async def _json(self, request: httpx.Request, *, also: int = 200) -> Any:
        try:
            response = await self.http.send(request)
        except httpx.HTTPError as exc:
            raise LocalServerError(f"the running server does not answer: {exc!r}") from exc
        if response.status_code not in {200, also}:
            raise _refusal(response.content)
        return orjson.loads(response.content)


@asynccontextmanager
async def local_server(
    settings: Settings, *, patience_s: float = _PATIENCE_S
) -> AsyncGenerator[LocalServer]:
    """Give the running server, or run one as long as the context lasts.

    Raises:
        ConfigurationError: the settings cannot work.
        NotFound: there is no place that may hold books.
        ProxyError: a private server could not start.
    """
    require_books(settings)
    async with AsyncExitStack() as stack:
        settings = stack.enter_context(without_traces(settings))
        found = await _server_or_ownership(settings, stack, Deadline.after(patience_s))
        if isinstance(found, ServerAddress):
            yield LocalServer(await stack.enter_async_context(_client(found.url, found.token)))
            return
        listening = stack.enter_context(bound_socket(_LOOPBACK, 0))
        url = f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
        server = uvicorn.Server(server_config(create_app(settings, found), settings.server))
        # Without `serve()`'s signal handlers: Ctrl-C belongs to the command.
        serving = asyncio.create_task(server._serve([listening]))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        try:
            async with _client(url, found.local_token) as http:
                yield LocalServer(http)
        finally:
            server.should_exit = True
            await serving


async def _server_or_ownership(
    settings: Settings, stack: AsyncExitStack, patience: Deadline
) -> ServerAddress | AppState:
    """Return the server that serves others, or what a private one needs.

    A private server is not announced: it ends with its command. Another command that has the index
    open is waited for.

    Raises:
        Conflict: it did not end in time.
    """
    while True:
        found = running_server(settings)
        if found is not None:
            return found
        try:
            return await stack.enter_async_context(open_state(_with_lasting_links(settings)))
        except Conflict:
            if patience.remaining_s() <= 0:
                raise
        await asyncio.sleep(_POLL_S)


def _with_lasting_links(settings: Settings) -> Settings:
    """Make links lead to where `serve` shows passages: this server's own port is soon closed."""
    if settings.server.public_base_url:
        return settings
    server = settings.server.model_copy(update={"public_base_url": _DEFAULT_SERVE_URL})
    return settings.model_copy(update={"server": server})


async def _events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[dict[str, Any]]:
    """Yield the JSON of each event; raises where the stream ends without `[DONE]`.

    Not by `aiter_lines`: that cuts at U+2028 too, which may stand within JSON.
    """
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n\n")
        for event in whole:
            if event == b"data: [DONE]":
                return
            if event.startswith(b"data: "):
                yield orjson.loads(event.removeprefix(b"data: "))
    raise LocalServerError("the answer broke off")


def _client(url: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=url,
        headers={"authorization": f"Bearer {token}"},
        timeout=_TIMEOUT,
        trust_env=False,
    )


def _refusal(body: bytes) -> LocalServerError:
    try:
        error = cast("dict[str, Any]", orjson.loads(body))["error"]
        return LocalServerError(error["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return LocalServerError("the running server gave an answer that cannot be read")
