"""What every test gets: fakes on real sockets, a clean environment, no way out of the machine."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import environment, network, serving
from tests.support.gemini_server import FakeGemini
from tests.support.postgres_server import Postgres, running_postgres
from tests.support.servers import (
    books_of_gemini,
    chatkit_server,
    command_line,
    either_server,
    gemini_env,
    gemini_server,
    offline_server,
)
from tests.support.virtual_time import VirtualTimeLoop

__all__ = [
    "books_of_gemini",
    "chatkit_server",
    "command_line",
    "either_server",
    "gemini_env",
    "gemini_server",
    "offline_server",
]

environment.scrub()
network.stay_on_this_machine()

# A time limit on an example measures the machine; the blob reproduces a failure elsewhere.
settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")  # noqa: TID251 - not a setting


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run a test marked `virtual_time` in a loop of its own kind, others in asyncio's."""
    is_virtual = item.get_closest_marker("virtual_time") is not None
    return {"loop": VirtualTimeLoop if is_virtual else asyncio.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Where temporary files go, of other processes too: gone at the end, whoever was killed."""
    tmp_path_factory.getbasetemp()  # what failed tests leave stays
    with tempfile.TemporaryDirectory(prefix="bp-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL, started as root, runs as somebody else
        tempfile.tempdir = os.environ["TMPDIR"] = folder  # noqa: TID251 - not a setting
        yield
        tempfile.tempdir = None


@pytest.fixture
async def fake_gemini() -> AsyncGenerator[FakeGemini]:
    """A Gemini in the test's own event loop."""
    async with FakeGemini() as fake:
        yield fake


@pytest.fixture(scope="session")
def gemini_thread() -> Generator[FakeGemini]:
    """A Gemini on a thread, one for all tests; take `threaded_gemini`, which starts afresh."""
    with FakeGemini() as fake:
        yield fake


@pytest.fixture
def threaded_gemini(gemini_thread: FakeGemini) -> FakeGemini:
    """A Gemini on a thread, for synchronous clients and for server processes."""
    gemini_thread.reset()
    return gemini_thread


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    """A PostgreSQL server, one per test process."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres: Postgres) -> AsyncGenerator[str]:
    """The `DATABASE_URL` of an empty database."""
    async with postgres.database() as url:
        yield url


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    return serving.free_port()
