"""Who has the embedded index open, and how to reach them.

One process reads it: the server, or a command while no server runs. The lock says that there is an
owner, `server.json` how to talk to it; the kernel gives the lock back when its holder dies, so that
a file left by a dead process is known for what it is, without trusting process ids.
"""

import contextlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import filelock

from proxy.adapters.qdrant.layout import read_json, write_json
from proxy.errors import Conflict, RetrievalUnavailable

# `find_server` holds the lock for an instant to see whether anyone else does.
_ACQUIRE_S: Final = 0.5
_LOCK: Final = "owner.lock"
_PID: Final = "owner.json"
_SERVER: Final = "server.json"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the owner answers local requests."""

    url: str
    token: str
    """A secret of this machine's user: the file is readable by nobody else."""
    pid: int


class IndexOwner:
    """The right to open the embedded index below `folder`, held while the context lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = filelock.FileLock(
            folder / _LOCK, timeout=_ACQUIRE_S, poll_interval=0.02, thread_local=False
        )

    def __enter__(self) -> Self:
        """Take ownership; blocks for up to half a second.

        Raises:
            Conflict: another process has it.
            RetrievalUnavailable: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as exc:
            raise Conflict(_whose(self._folder)) from exc
        except OSError as exc:
            raise RetrievalUnavailable(
                f"The index on disk cannot be used: {exc.strerror or exc}"
            ) from exc
        self._forget()
        write_json(self._folder / _PID, {"pid": os.getpid()})
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give ownership up; nobody finds a server here any more."""
        self._forget()
        self._lock.release()

    def announce(self, url: str, token: str) -> None:
        """Tell commands on this machine where to reach the owner.

        Raises:
            RetrievalUnavailable: the file cannot be written.
        """
        address = ServerAddress(url=url, token=token, pid=os.getpid())
        write_json(self._folder / _SERVER, asdict(address), mode=0o600)

    def _forget(self) -> None:
        for name in (_SERVER, _PID):
            (self._folder / name).unlink(missing_ok=True)


def find_server(folder: Path) -> ServerAddress | None:
    """Return how to reach the process that owns the index, None where none does or it has no URL.

    Raises:
        RetrievalUnavailable: the folder cannot be read.
    """
    address = read_json(folder / _SERVER)
    if address is None:
        return None
    probe = filelock.FileLock(folder / _LOCK, timeout=0)
    try:
        with probe:
            return None
    except filelock.Timeout:
        return _address(address)


def _address(found: Any) -> ServerAddress | None:
    """Return the address, None where something else than `announce` wrote it."""
    try:
        return ServerAddress(
            url=str(found["url"]), token=str(found["token"]), pid=int(found["pid"])
        )
    except (KeyError, TypeError, ValueError):
        return None


def _whose(folder: Path) -> str:
    owner: dict[str, int] = {}
    with contextlib.suppress(RetrievalUnavailable):
        owner = read_json(folder / _PID) or {}
    pid = owner.get("pid")
    whom = "another process" if pid is None else f"process {pid}"
    return f"The book index in {folder} is open in {whom}"
