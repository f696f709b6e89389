"""A connection to a Ray cluster, or a Ray of this machine's own that ends with it.

Ray is not a dependency but an extra, so it is imported by name and has no types here. Blocking.
"""

import importlib
import importlib.util
import logging
import os
import secrets
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from proxy.errors import ConfigurationError, UpstreamUnreachable

_LEAST_CPUS: Final = 2
"""Logical ones: an actor keeps one, and with none left no task would ever feed it."""
_OBJECT_STORE_BYTES: Final = 512 * 1024**2
"""Of a Ray of our own: it holds what waits between two stages, and grows onto the disk."""
_LISTENS_WITHIN_S: Final = 5.0
_QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",  # else it reports to its makers
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # else workers would install packages
    "RAY_ENABLE_AUTO_CONNECT": "0",  # else what is left of a cancelled run begins another Ray
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # the rest stands in its log files
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
}
_ALONE: Final = {
    # Ray's own switch for machines without a cluster, by the systems that it is the default of:
    # listen on loopback only.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
}


def check_installed() -> None:
    """Return if Ray is there.

    Raises:
        ConfigurationError: it is not, or without what Ray Data needs.
    """
    if not all(importlib.util.find_spec(name) for name in ("ray", "pyarrow")):
        raise ConfigurationError("--engine ray needs Ray: pip install 'book-proxy[ray]'")


def connect(address: str | None, cpus: int | None, folder: Path | None = None) -> Any:
    """Return the module `ray`, connected.

    Args:
        address: of a cluster's head; None begins a Ray on this machine, for this process alone.
        cpus: how many workers a Ray of our own has, two at least; None: one per core.
        folder: where a Ray of our own keeps sockets and logs; its path has to be short.

    Raises:
        UpstreamUnreachable: no cluster at this address, or Ray does not start.
    """
    if address:
        _check_there(address)
    own = {} if address else {**_ALONE, "RAY_AUTH_TOKEN": _token()}
    _tell_ray({**_QUIET, **own})
    ray: Any = importlib.import_module("ray")
    importlib.import_module("ray.data")
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(
                address="local",
                num_cpus=max(cpus or os.cpu_count() or 1, _LEAST_CPUS),
                object_store_memory=_OBJECT_STORE_BYTES,
                include_dashboard=False,
                _temp_dir=str(folder) if folder else None,
                **quiet,
            )
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as exc:
        where = f"The Ray cluster at {address}" if address else "Ray"
        reason = str(exc).partition("\n")[0]
        raise UpstreamUnreachable(f"{where} cannot be used: {reason}") from exc
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    return ray


@cache
def _token() -> str:
    """Return a secret of this process: Ray remembers the first that it was told."""
    return secrets.token_hex(32)


def _check_there(address: str) -> None:
    """Return if somebody listens at `address`: Ray itself goes on trying for minutes."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_LISTENS_WITHIN_S):
            return
    except (OSError, OverflowError, ValueError) as exc:
        raise UpstreamUnreachable(f"The Ray cluster at {address} cannot be used: {exc}") from exc


def _tell_ray(variables: Mapping[str, str]) -> None:
    """Set what Ray takes from the environment only, and only when it is imported."""
    os.environ.update(variables)  # noqa: TID251 - nothing is read
