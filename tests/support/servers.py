"""Server processes that tests share, each with the sample books ingested by the command line.

Fixtures, imported by `tests/conftest.py`; nothing starts before a test asks for it.
"""

import os
import shutil
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.command_line import CommandLine
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL, write_notes, write_pumps
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN

GEMINI_KEY = "gemini-key-of-the-tests"
PATIENT = {"PROXY_CIRCUIT_LEAST_CALLS": "0"}
"""An upstream is not left alone for the failures that other tests script."""


SITE = "http://localhost:3000"
CHATKIT = {
    "PROXY_CHATKIT_CLIENT_TOOLS": """[{
        "name": "get_current_page",
        "description": "Tells which page the reader has open.",
        "parameters": {"type": "object", "properties": {"include_selection": {"type": "boolean"}}}
    }]""",
    "PROXY_CHATKIT_ASKS_BACK": "true",
    "PROXY_CHATKIT_PROMPTS": '["Where do I begin?", "What, if not this?"]',
    "PROXY_CHATKIT_TITLES": "question",
    "PROXY_REWRITE": "rules",
    "ALLOWED_ORIGINS": SITE,
}
"""What a site says that embeds ChatKit; titles and rewriting would take a scripted answer away."""


@pytest.fixture(scope="session")
def command_line() -> Generator[CommandLine]:
    """The command line, started once."""
    with CommandLine() as commands:
        yield commands


def _books(
    factory: pytest.TempPathFactory, name: str, commands: CommandLine, env: Mapping[str, str]
) -> Path:
    """Return a data folder of our own with both books, ingested once for all test processes."""
    shared = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else None  # noqa: TID251 - of xdist
    root = (shared or factory.getbasetemp()) / f"books-{name}"
    with FileLock(f"{root}.lock"):
        if not root.exists():
            _ingest(root, commands, env)
    return shutil.copytree(root / "data", factory.mktemp(name) / "data")


def _ingest(root: Path, commands: CommandLine, env: Mapping[str, str]) -> None:
    env = {**env, "PROXY_DATA_DIR": str(root / "data")}
    pumps, notes = write_pumps(root / PUMPS), write_notes(root / NOTES)
    for args in (
        (str(pumps), "--book", PUMPS, "--title", "Pumps", "--base-url", PUMPS_URL),
        (str(notes), "--book", NOTES),
    ):
        done = commands("ingest", *args, "--json", env=env)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def gemini_env(gemini_thread: FakeGemini) -> dict[str, str]:
    """Settings that make the fake the upstream."""
    return {"GEMINI_API_KEY": GEMINI_KEY, "GEMINI_BASE_URL": gemini_thread.url}


@pytest.fixture(scope="session")
def offline_server(
    tmp_path_factory: pytest.TempPathFactory, command_line: CommandLine
) -> Generator[BookProxy]:
    """A server without any key: the offline reader, the bundled embedding model."""
    data_dir = _books(tmp_path_factory, "offline", command_line, {})
    with BookProxy(PATIENT, data_dir=data_dir) as server:
        yield server
        assert "Traceback" not in server.stderr


@pytest.fixture(scope="session")
def gemini_server(
    tmp_path_factory: pytest.TempPathFactory,
    command_line: CommandLine,
    gemini_env: dict[str, str],
) -> Generator[BookProxy]:
    """A server whose upstream is the session's fake; script that by `threaded_gemini`."""
    data_dir = _books(tmp_path_factory, "gemini", command_line, gemini_env)
    with BookProxy({**gemini_env, **PATIENT}, data_dir=data_dir) as server:
        yield server
        assert "Traceback" not in server.stderr


@pytest.fixture
def books_of_gemini(
    tmp_path_factory: pytest.TempPathFactory,
    command_line: CommandLine,
    gemini_env: dict[str, str],
) -> Callable[[], Path]:
    """Returns a data folder with both books, a new one each time, for servers of a test's own."""
    return partial(_books, tmp_path_factory, "gemini", command_line, gemini_env)


@pytest.fixture(scope="session")
def chatkit_server(
    tmp_path_factory: pytest.TempPathFactory,
    command_line: CommandLine,
    gemini_env: dict[str, str],
) -> Generator[BookProxy]:
    """A server as a site configures it that embeds ChatKit; its readers come with tokens."""
    data_dir = _books(tmp_path_factory, "gemini", command_line, gemini_env)
    env = {**gemini_env, **PATIENT, **SIGNS_IN, **CHATKIT, "RATE_LIMIT_RPM": "0"}
    with BookProxy(env, data_dir=data_dir) as server:
        yield server
        assert "Traceback" not in server.stderr


@pytest.fixture(params=["offline", "gemini"])
def either_server(request: pytest.FixtureRequest) -> BookProxy:
    """Each of the two, for what must hold whoever answers."""
    return request.getfixturevalue(f"{request.param}_server")
