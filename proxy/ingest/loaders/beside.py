"""The folder around a book's files, read only as far as it is the book's own or its site's."""

import os
from dataclasses import dataclass
from pathlib import Path

from proxy.ingest.loaders.docusaurus.site import CONFIG_FILES

MAX_BYTES = 4 * 1024 * 1024
"""Of a sidebar, a category or a partial."""
_LEVELS = 5
"""How far above its pages a site's configuration lies: i18n/fr/…-content-docs/current has four."""
_NOT_LISTED = frozenset(("node_modules", "build"))


@dataclass(frozen=True, slots=True, eq=False)
class FolderBeside:
    """Implements `Beside` for the files of the book in a folder.

    Each is equal to itself only: what was read by way of one may be remembered with it, and the
    next ingest, with one of its own, looks anew.
    """

    top: Path
    """Where paths begin."""
    place: str

    def read(self, path: str) -> bytes | None:
        """See `Beside.read`; links that lead out of `top` are not followed."""
        file = self.top / path
        try:
            if not file.resolve().is_relative_to(self.top.resolve()) or not file.is_file():
                return None
            with file.open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None
        return data if len(data) <= MAX_BYTES else None

    def names(self, folder: str) -> tuple[str, ...]:
        """See `Beside.names`."""
        try:
            entries = sorted(os.scandir(self.top / folder), key=lambda entry: entry.name)
        except (OSError, ValueError):
            return ()
        return tuple(
            f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
            for entry in entries
            if entry.name not in _NOT_LISTED
        )


def beside_of(root: Path) -> FolderBeside:
    """Return what may be read for the book in `root`: its folder, or the site it is part of."""
    here = root.resolve()
    for top in (here, *here.parents)[:_LEVELS]:
        for place in (top, top / "website"):
            if any((place / name).is_file() for name in CONFIG_FILES):
                return FolderBeside(top, here.relative_to(top).as_posix().removeprefix("."))
    return FolderBeside(here, "")
