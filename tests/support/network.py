"""Keeps the tests on this machine: a connection beyond loopback fails the test that makes it."""

import ipaddress
import sys
from typing import Any, cast

_EVENTS = frozenset({"socket.connect", "socket.sendto"})


class OutsideConnection(RuntimeError):
    """Not an OSError: code that copes with failing networks must not cope with this."""


def is_loopback(address: object) -> bool:
    """Return whether a socket address is on this machine; paths of Unix sockets are."""
    parts = cast("tuple[object, ...]", address) if isinstance(address, tuple) else ()
    host = parts[0] if parts else None
    if not isinstance(host, str):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and not is_loopback(arguments[-1]):
        raise OutsideConnection(f"{event} to {arguments[-1]}: tests stay on this machine")


def stay_on_this_machine() -> None:
    """Refuse connections beyond loopback from now on, for the life of the process."""
    sys.addaudithook(_refuse_outside)
