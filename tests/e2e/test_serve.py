"""`serve`: what it refuses to begin, in one line, and that several workers are one server."""

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path

import openai
import pytest

from tests.support.chat import ask
from tests.support.command_line import CommandLine
from tests.support.gemini_server import FakeGemini
from tests.support.qdrant_server import running_qdrant
from tests.support.sample_books import PUMPS, PUMPS_URL, write_pumps
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy, free_port, run_cli

REFUSALS: Mapping[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "a network without auth": (("--host", "0.0.0.0"), {"GEMINI_API_KEY": "k"}, "PROXY_API_KEYS"),
    "a network with the offline reader by accident": (
        ("--host", "0.0.0.0"),
        {"PROXY_API_KEYS": "k"},
        "GEMINI_API_KEY",
    ),
    "several workers with the embedded index": (("--workers", "2"), {}, "QDRANT_URL"),
    "an unknown setting": ((), {"PROXY_TOPK": "3"}, "PROXY_TOPK"),
    "a value that cannot be": ((), {"PROXY_TOP_K": "many"}, "PROXY_TOP_K"),
    "any page with credentials": ((), {"ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS"),
    "Gemini without a key": ((), {"GENERATOR": "gemini"}, "GEMINI_API_KEY"),
    "a host that is not here": (
        ("--host", "192.0.2.1"),
        {"PROXY_API_KEYS": "k", "GENERATOR": "offline"},
        "192.0.2.1",
    ),
    "a port that cannot be": (("--port", "70000"), {}, "--port"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_serve_refuses_with_one_line_and_the_way_out(command_line: CommandLine, name: str) -> None:
    args, env, way_out = REFUSALS[name]
    done = command_line("serve", "--port", str(free_port()), *args, env=env)
    assert done.returncode == 2
    assert way_out in done.stderr
    assert done.stdout == ""
    if not name.startswith("a port"):  # wrong usage has typer's three lines
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("book-proxy: ")


def test_a_taken_port_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_cli("serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"book-proxy: cannot listen on 127.0.0.1:{port}: Address already in use"
    ]


def test_a_second_server_on_the_same_books_is_refused(
    command_line: CommandLine, offline_server: BookProxy
) -> None:
    env = {"PROXY_DATA_DIR": str(offline_server.data_dir)}
    done = command_line("serve", "--port", str(free_port()), env=env)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("book-proxy:")]
    assert str(offline_server.pid) in line


def test_settings_are_read_from_a_file_too(command_line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROXY_NONSENSE=1\n")
    done = command_line("doctor", cwd=tmp_path)
    assert done.returncode == 2
    assert "PROXY_NONSENSE" in done.stderr


def test_a_server_without_auth_serves_this_machine_only_by_any_of_its_names(
    command_line: CommandLine,
) -> None:
    with BookProxy(args=("--host", "localhost")) as server:
        assert "offline reader" in server.stderr
        here = {"PROXY_DATA_DIR": str(server.data_dir)}
        assert command_line("doctor", env=here).returncode == 0


async def test_several_workers_share_a_qdrant_server(
    command_line: CommandLine,
    gemini_env: dict[str, str],
    threaded_gemini: FakeGemini,
    tmp_path: Path,
) -> None:
    del threaded_gemini
    with running_qdrant() as qdrant_url:
        env = {**gemini_env, "QDRANT_URL": qdrant_url, "QDRANT_COLLECTION": "e2e", **PATIENT}
        book = write_pumps(tmp_path / "book")
        args = (str(book), "--book", PUMPS, "--base-url", PUMPS_URL)
        done = await asyncio.to_thread(command_line, "ingest", *args, env=env)
        assert done.returncode == 0, done.stderr
        async with BookProxy(env, args=("--workers", "2")) as server:
            async with openai.AsyncOpenAI(base_url=server.v1, api_key="unused") as client:
                asked = [ask(client, "When does the Quillon pump start?") for _ in range(8)]
                for said in await asyncio.gather(*asked):
                    assert said.headers["x-rag-status"] == "grounded"
                    assert said.annotations
            assert await asyncio.to_thread(server.terminate) == 0
            assert server.stderr.count("Application startup complete") == 2
            assert "Traceback" not in server.stderr
        assert command_line("books", "delete", PUMPS, env=env).returncode == 0
