"""Starting the program under test: processes and apps begin, are reached, and end."""

import asyncio
import contextlib
import http.client
import signal
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.serving import BookProxy, free_port, run_cli, serve_app
from tests.support.waiting import LONG_ENOUGH_S

# A server small enough to be ready at once, with the arguments `serve` has.
STUB = """
import http.server, os, pathlib, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = repr(sorted(os.environ)).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *arguments): pass
print("args", sys.argv[1:], flush=True)
print("folder", os.environ["PROXY_DATA_DIR"], os.getcwd(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[4])), Handler).serve_forever()
"""
FAILING = "import sys; sys.exit('no such luck')"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + STUB


def get(url: str) -> str:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=LONG_ENOUGH_S)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        return connection.getresponse().read().decode()


def test_a_server_process_has_a_clean_environment_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "the developer's")
    with BookProxy({"LOG_FORMAT": "json"}, command=("-c", STUB), args=("--workers", "1")) as server:
        names = get(server.url)
        assert "LOG_FORMAT" in names
        assert "GEMINI" not in names
        assert server.v1 == f"{server.url}/v1"
        assert f"['--host', '127.0.0.1', '--port', '{server.port}', '--workers', '1']" in (
            server.stdout
        )
        assert f"folder {server.data_dir} {server.home}" in server.stdout
        assert server.pid > 0
        assert server.terminate() == -signal.SIGTERM
        assert server.wait() == -signal.SIGTERM
        assert server.stderr == ""
    assert not server.home.exists()


def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(AssertionError, match=r"(?s)exit code 1.*no such luck"),
        BookProxy(command=("-c", FAILING)),
    ):
        pass


async def test_a_server_can_be_started_while_the_event_loop_goes_on() -> None:
    async with (
        BookProxy(command=("-c", STUB)) as server,
        aiohttp.ClientSession() as client,
        client.get(server.url) as response,
    ):
        assert response.status == 200
        # Not SIGINT: a shell's background jobs are started with it ignored.
        server.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.wait) != 0


def test_a_server_can_be_started_again_where_it_was(tmp_path: Path) -> None:
    with BookProxy(command=("-c", STUB), data_dir=tmp_path) as server:
        url = server.url
        server.terminate()
        server.start()
        assert server.url == url
        assert get(url)
        assert server.data_dir == tmp_path


def test_a_server_that_ignores_sigterm_is_killed() -> None:
    with BookProxy(command=("-c", STUBBORN), stop_limit_s=0.1) as server:
        assert server.terminate() == -signal.SIGKILL


def test_a_server_that_was_not_started_cannot_be_used() -> None:
    with pytest.raises(AssertionError, match="not started"):
        BookProxy().terminate()


def test_a_command_runs_to_its_end() -> None:
    done = run_cli("no-such-command", input_text="")
    assert done.returncode != 0
    assert done.stderr


def test_free_ports_are_free() -> None:
    port = free_port()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


async def test_an_app_is_served_with_its_lifespan() -> None:
    lived: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        lived.append("began")
        yield
        lived.append("ended")

    async def answer(request: Request) -> Response:
        return PlainTextResponse(request.url.path)

    app = Starlette(routes=[Route("/{path:path}", answer)], lifespan=lifespan)
    async with serve_app(app) as served, aiohttp.ClientSession() as client:
        async with client.get(f"{served.v1}/x") as response:
            assert await response.text() == "/v1/x"
        assert lived == ["began"]
    assert lived == ["began", "ended"]


async def test_an_app_that_does_not_start_is_an_error() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        raise LookupError("no settings")
        yield

    with pytest.raises(RuntimeError, match="did not start"):
        async with serve_app(Starlette(lifespan=lifespan)):
            pass


async def test_an_answer_that_does_not_end_is_cut_when_the_app_is_stopped() -> None:
    async def forever() -> AsyncGenerator[bytes]:
        yield b"first"
        await asyncio.Event().wait()

    async def answer(_request: Request) -> Response:
        return StreamingResponse(forever())

    app = Starlette(routes=[Route("/", answer)])
    async with aiohttp.ClientSession() as client:
        async with serve_app(app, drain_timeout_s=0) as served:
            response = await client.get(served.url)
            assert await response.content.readany() == b"first"
        with pytest.raises(aiohttp.ClientError):
            await response.read()
