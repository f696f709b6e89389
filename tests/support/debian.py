"""Books from Debian's packages, downloaded by apt and unpacked, never installed."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

_CACHE: Final = Path(__file__).parents[2] / ".cache" / "debian"
_LIMIT_S: Final = 300


class NoPackage(Exception):
    """The package cannot be had on this machine; the message says why."""


def unpacked(package: str) -> Path:
    """Return the folder that a package's files were unpacked to, once per checkout.

    Raises:
        NoPackage: this is no Debian, or apt could not download it.
    """
    place = _CACHE / package
    if place.is_dir():
        return place
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NoPackage("this machine has no apt")
    _CACHE.mkdir(parents=True, exist_ok=True)
    _run("apt-get", "download", package)
    (archive,) = _CACHE.glob(f"{package}_*.deb")
    _run("dpkg-deb", "-x", str(archive), f"{package}.part")
    (_CACHE / f"{package}.part").rename(place)
    archive.unlink()
    return place


def _run(*argv: str) -> None:
    done = subprocess.run(
        argv, cwd=_CACHE, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    if done.returncode:
        raise NoPackage(f"{argv[0]} says: {done.stderr.strip()[-300:]}")
