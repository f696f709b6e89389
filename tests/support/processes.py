"""Which processes there are below one, and where they listen, as Linux tells it."""

import contextlib
import ipaddress
import struct
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that this one started, and those that they started."""
    children: dict[int, list[int]] = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # pid (name) state parent …; a name may hold anything, parentheses too
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            yield child
            waiting.append(child)


def listening(pids: set[int]) -> set[str]:
    """Return the addresses at which these processes take TCP connections."""
    sockets = _sockets(pids)
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
            local, state, inode = (line.split()[at] for at in (1, 3, 9))
            if state == _LISTENING and inode in sockets:
                found.add(_address(local.partition(":")[0]))
    return found


def name_of(pid: int) -> str:
    """Return the name of a process's program, "" where it has ended meanwhile."""
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "comm").read_text().strip()
    return ""


def environment_of(pid: int) -> list[bytes]:
    """Return `NAME=value` of what a process was started with, if it has not written over it."""
    return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")


def _sockets(pids: set[int]) -> set[str]:
    found: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for link in (_PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    found.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


def _address(hexadecimal: str) -> str:
    words = struct.unpack(f"<{len(hexadecimal) // 8}I", bytes.fromhex(hexadecimal))
    address = ipaddress.ip_address(struct.pack(f">{len(words)}I", *words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
