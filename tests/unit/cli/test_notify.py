"""A server that runs is told of changes; one that does not answer costs a line, not the ingest."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from proxy.adapters.qdrant.owner import IndexOwner
from proxy.cli.notify import tell_running_server
from proxy.settings import Settings, load_settings
from tests.support.in_process import serve_app
from tests.support.serving import free_port


def _settings(folder: Path) -> Settings:
    return load_settings({"PROXY_DATA_DIR": str(folder)}, None)


async def test_the_server_is_asked_to_look_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    async def refresh(request: Request) -> PlainTextResponse:
        seen.append(request.headers["authorization"])
        return PlainTextResponse("{}")

    app = Starlette(routes=[Route("/api/content/refresh", refresh, methods=["POST"])])
    async with serve_app(app) as served:
        with IndexOwner(tmp_path) as owner:
            owner.announce(served.url, "the-token")
            await tell_running_server(_settings(tmp_path), "manual")
    assert seen == ["Bearer the-token"]
    assert capsys.readouterr().err == ""


async def test_no_server_is_no_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await tell_running_server(_settings(tmp_path), "manual")
    assert capsys.readouterr().err == ""


async def test_a_server_that_does_not_answer_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with IndexOwner(tmp_path) as owner:
        url = f"http://127.0.0.1:{free_port()}"
        owner.announce(url, "the-token")
        await tell_running_server(_settings(tmp_path), "manual")
    (line,) = capsys.readouterr().err.splitlines()
    assert url in line
    assert "manual" in line
    assert "the-token" not in line
