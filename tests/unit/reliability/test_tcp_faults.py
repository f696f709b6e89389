"""The relay passes bytes on until it is told to fail, and then fails in the way it was told."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from functools import partial

import pytest

from reliability.tcp_faults import relay_to
from tests.support.waiting import LONG_ENOUGH_S


@contextlib.contextmanager
def _echo() -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(ConnectionError):
                    while data := connection.recv(1_024):
                        connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def _ask(port: int, limit_s: float = LONG_ENOUGH_S) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=limit_s) as connection:
        connection.sendall(b"hello")
        return connection.recv(1_024)


def test_it_fails_as_it_is_told_and_is_well_again() -> None:
    with _echo() as port, relay_to(partial(asyncio.open_connection, "127.0.0.1", port)) as relay:
        assert _ask(relay.port) == b"hello"
        relay.set_fault("down")
        with pytest.raises(ConnectionResetError):
            _ask(relay.port)
        relay.set_fault("silent")
        with pytest.raises(TimeoutError):
            _ask(relay.port, 0.3)
        relay.set_fault("wrong")
        assert b"nonsense" in _ask(relay.port)
        relay.set_fault("none")
        assert _ask(relay.port) == b"hello"
