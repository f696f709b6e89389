"""The Qdrant server of the run: the binary that the tests use, pinned by its hash."""

from pathlib import Path

from bench import peers
from tests.support.qdrant_server import qdrant_binary


def executable() -> Path:
    """Return the server's executable.

    Raises:
        Unavailable: it cannot be fetched, or is not what was pinned.
    """
    try:
        return qdrant_binary()
    except RuntimeError as exc:
        raise peers.Unavailable(str(exc)) from exc


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
