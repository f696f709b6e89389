"""The address that a server listens on."""

import socket

from proxy.errors import ConfigurationError

_BACKLOG = 2_048


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening address of ours, so that a taken port is one clear line.

    Raises:
        ConfigurationError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    bound.listen(_BACKLOG)
    bound.set_inheritable(True)
    return bound
