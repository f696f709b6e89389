"""Clients that open connections and let their requests never arrive."""

import selectors
import socket
import time
from collections.abc import Sequence

_LIMIT_S = 60.0


def hold_open(port: int, openings: Sequence[bytes], count: int) -> list[float]:
    """Open `count` connections and say of each only its opening; return when each was closed.

    In seconds after its opening; those that are still open after a minute count as that.
    """
    began: dict[socket.socket, float] = {}
    closed: list[float] = []
    with selectors.DefaultSelector() as selector:
        for number in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connection.sendall(openings[number % len(openings)])
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            began[connection] = time.monotonic()
        deadline_s = time.monotonic() + _LIMIT_S
        while began and time.monotonic() < deadline_s:
            for key, _ in selector.select(timeout=1.0):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                try:
                    has_more = bool(connection.recv(65_536))
                except OSError:
                    has_more = False
                if not has_more:
                    selector.unregister(connection)
                    closed.append(time.monotonic() - began.pop(connection))
                    connection.close()
    for connection in began:
        connection.close()
    return closed + [_LIMIT_S] * len(began)
