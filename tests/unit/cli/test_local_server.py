"""What a command makes of the answers of a server, good ones and bad ones."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from proxy.bootstrap.serving import open_state
from proxy.cli.local_server import LocalServer, LocalServerError, local_server
from proxy.errors import Conflict
from proxy.settings import Settings, load_settings
from tests.support.asgi import pieces
from tests.support.in_process import serve_app
from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S

REPLIES = {
    "whole": [b'data: {"a": "x\xe2\x80\xa8y"}\n\n: keep-alive\n\n', b'data: {"b"', b": 1}\n\n"],
    "error": [b'data: {"a": 1}\n\n', b'data: {"error": {"message": "no more"}}\n\n'],
    "cut": [b'data: {"a": 1}\n\n', b'data: {"b'],
}


async def _stream(request: Request) -> Response:
    name = request.path_params["name"]
    tail = [b"data: [DONE]\n\n"] if name == "whole" else []
    return StreamingResponse(pieces(*REPLIES[name], *tail), media_type="text/event-stream")


async def _say(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(body or '{"ok": true}', int(request.path_params["status"]))


async def _ready(_request: Request) -> Response:
    return PlainTextResponse('{"checks": {"qdrant": "no"}}', 503)


_APP = Starlette(
    routes=[
        Route("/stream/{name}", _stream, methods=["POST"]),
        Route("/say/{status}", _say, methods=["GET", "POST"]),
        Route("/ready", _ready),
    ]
)


@contextlib.asynccontextmanager
async def _client() -> AsyncGenerator[LocalServer]:
    async with (
        serve_app(_APP) as served,
        httpx.AsyncClient(base_url=served.url, timeout=LONG_ENOUGH_S) as http,
    ):
        yield LocalServer(http)


async def test_events_are_whole_whatever_stands_in_their_text() -> None:
    async with _client() as server:
        events = [event async for event in server.events("/stream/whole", {})]
    assert events == [{"a": "x\u2028y"}, {"b": 1}]


@pytest.mark.parametrize(("name", "reason"), [("error", "no more"), ("cut", "broke off")])
async def test_a_stream_that_fails_is_an_error_after_what_came(name: str, reason: str) -> None:
    seen: list[object] = []

    async def read(server: LocalServer) -> None:
        async for event in server.events(f"/stream/{name}", {}):
            seen.append(event)  # noqa: PERF401 - what came before the error counts

    async with _client() as server:
        with pytest.raises(LocalServerError, match=reason):
            await read(server)
    assert seen == [{"a": 1}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "too bad"}}, "too bad"),
        ({"error": "odd"}, "cannot be read"),
        ([], "cannot be read"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words(body: object, reason: str) -> None:
    async with _client() as server:
        with pytest.raises(LocalServerError, match=reason):
            await server.post("/say/400", body)
        with pytest.raises(LocalServerError, match=reason):
            await anext(server.events("/say/400", body))


async def test_readiness_is_told_even_where_it_is_none() -> None:
    async with _client() as server:
        assert await server.readiness() == {"qdrant": "no"}
        assert await server.get("/say/200", left_out=None) == {"ok": True}
        with pytest.raises(LocalServerError, match="cannot be read"):
            await server.get("/nowhere")


async def test_a_server_that_is_gone_is_one_line() -> None:
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{free_port()}", timeout=LONG_ENOUGH_S
    ) as http:
        server = LocalServer(http)
        with pytest.raises(LocalServerError, match="does not answer"):
            await server.get("/")
        with pytest.raises(LocalServerError, match="does not answer"):
            await anext(server.events("/", {}))


def _settings(folder: Path, **environ: str) -> Settings:
    return load_settings({"PROXY_DATA_DIR": str(folder), **environ}, None)


async def test_a_command_serves_itself_where_no_server_runs(tmp_path: Path) -> None:
    async with local_server(_settings(tmp_path)) as server:
        assert await server.get("/api/content/books") == []
        # It ends with its command, so nobody else is sent there.
        assert not (tmp_path / "server.json").exists()


async def test_commands_without_a_server_wait_for_each_other(tmp_path: Path) -> None:
    async def books() -> object:
        async with local_server(_settings(tmp_path)) as server:
            return await server.get("/api/content/books")

    assert await asyncio.gather(*(books() for _ in range(3))) == [[], [], []]


async def test_its_links_lead_to_where_readers_reach_the_proxy(tmp_path: Path) -> None:
    configured = _settings(tmp_path, PUBLIC_BASE_URL="https://books.example")
    async with local_server(configured) as server:
        ready = {"qdrant": "ok", "generator": "ok", "database": "ok"}
        assert await server.readiness() == ready


async def test_an_owner_without_an_address_is_in_the_way(tmp_path: Path) -> None:
    async with open_state(_settings(tmp_path)):
        with pytest.raises(Conflict):
            async with local_server(_settings(tmp_path), patience_s=0):
                pass
