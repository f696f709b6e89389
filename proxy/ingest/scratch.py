"""Folders for what one ingest brings together, gone at its end, or with the next one if it dies.

Each holds a lock that the kernel gives back when its holder dies: that tells what a killed process
left from what another one works in.
"""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import filelock

_LOCK = ".lock"


@contextmanager
def scratch_folder(kind: str, *, below: Path | None = None) -> Generator[Path]:
    """Give an empty folder `below` (None: where the system keeps temporary ones).

    What dead processes left of the same `kind` is removed first.
    """
    root = below or Path(tempfile.gettempdir())
    _remove_forsaken(root, kind)
    begun = Path(tempfile.mkdtemp(prefix=".book-proxy-", dir=root))
    with filelock.FileLock(begun / _LOCK):
        # It gets the name that others look for once it is locked.
        folder = begun.rename(root / f"book-proxy-{kind}-{begun.name.rpartition('-')[2]}")
        try:
            (folder / "content").mkdir()
            yield folder / "content"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_forsaken(root: Path, kind: str) -> None:
    for folder in root.glob(f"book-proxy-{kind}-*"):
        if folder.is_symlink() or not (folder / _LOCK).is_file():
            continue  # it only has such a name
        try:
            with filelock.FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder)
        except (filelock.Timeout, OSError):
            continue  # somebody works in it, or it is another user's
