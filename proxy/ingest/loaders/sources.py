"""From what the author named (files, folders, globs) to the files of a book, in a stable order.

Left out in folders, as Docusaurus does: dot-files, `node_modules`, names that begin with `_`
(partials), and symbolic links that lead out of the folder.
"""

import glob
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proxy.ingest.loaders.base import SourceFile, UnreadableSource
from proxy.ingest.loaders.beside import beside_of
from proxy.ingest.loaders.docusaurus.index_pages import index_pages
from proxy.ingest.loaders.docusaurus.site import site_of
from proxy.ingest.loaders.registry import EXTENSIONS, HOLDERS

_GLOB_CHARACTERS = frozenset("*?[")


@dataclass(slots=True)
class Expansion:
    """The files that sources stand for."""

    files: list[SourceFile] = field(default_factory=list[SourceFile])
    """Ordered by `document_id` within each source."""
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(path or source, reason)."""
    skipped: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(path, note): links that are not followed."""
    is_complete: bool = True
    """False when some source or folder could not be looked into: a document that is absent may
    then merely be out of sight."""

    def extend(self, other: "Expansion") -> None:
        """Add what other sources stand for; of files in the same place the first counts."""
        self.files += other.files
        self.failed += other.failed
        self.skipped += other.skipped
        self.is_complete &= other.is_complete
        _refuse_doubles(self)


def expand(sources: Sequence[str | Path], extensions: Collection[str] = EXTENSIONS) -> Expansion:
    """Return the files that `sources` stand for and whose `extensions` (lower case) are read.

    A folder is the root of the files in it; for files named directly, their common parent is.
    """
    found = Expansion()
    named: list[Path] = []
    for source in sources:
        paths = _matches(str(source))
        if not paths:
            found.failed.append((str(source), "no such file or folder"))
            found.is_complete = False
        for path in paths:
            if path.is_dir():
                _add_folder(found, path, extensions)
            else:
                named.append(path)
    _add_named(found, named, extensions)
    _refuse_doubles(found)
    _open_holders(found)
    return found


def _matches(source: str) -> list[Path]:
    path = Path(source)
    if path.exists():
        return [path]
    if not _GLOB_CHARACTERS.intersection(source):
        return []
    matches = [Path(match) for match in sorted(glob.glob(source, recursive=True))]  # noqa: PTH207 - Path.glob takes no absolute pattern
    folders = {match for match in matches if match.is_dir()}
    return [match for match in matches if folders.isdisjoint(match.parents)]


def _add_named(found: Expansion, named: list[Path], extensions: Collection[str]) -> None:
    """Add the files that were named themselves; an unknown format is an error here."""
    if not named:
        return
    paths = sorted({Path(os.path.abspath(path)) for path in named})  # noqa: PTH100 - resolve() would follow links
    root = Path(os.path.commonpath([path.parent for path in paths]))
    beside = beside_of(root)
    for path in paths:
        if path.suffix.lower() not in extensions:
            known = ", ".join(sorted(extensions))
            found.failed.append((str(path), f"unknown format; known are {known}"))
        else:
            name = path.relative_to(root).as_posix()
            found.files.append(SourceFile(path, name, beside=beside))


def _add_folder(found: Expansion, root: Path, extensions: Collection[str]) -> None:
    def note(error: OSError) -> None:
        found.failed.append((str(error.filename), f"cannot be looked into: {error.strerror}"))
        found.is_complete = False

    def skip(path: Path, reason: str) -> None:
        found.skipped.append((str(path), reason))

    beside = beside_of(root)
    files = [
        SourceFile(path, path.relative_to(root).as_posix(), beside=beside)
        for path in _walk(root, extensions, note, skip)
    ]
    site = site_of(beside)
    if site is not None and not beside.place:
        # Of a whole site only its pages: not what was built of them, nor its own README.
        files = [file for file in files if site.area_of(file.document_id)]
    files += [
        SourceFile(root, name, beside=beside, content=text) for name, text in index_pages(beside)
    ]
    found.files += sorted(files, key=lambda file: file.document_id)


def _walk(
    root: Path,
    extensions: Collection[str],
    note: Callable[[OSError], None],
    skip: Callable[[Path, str], None],
) -> Iterator[Path]:
    """Yield the files below `root`; `skip` is told of links that might hold some and lead out."""
    real_root = root.resolve()
    visited = {real_root}
    for folder, folders, files in os.walk(root, onerror=note, followlinks=True):
        here = Path(folder)
        folders[:] = [name for name in folders if not _is_left_out(name)]
        paths = [here / name for name in files if not _is_left_out(name)]
        paths = [path for path in paths if path.suffix.lower() in extensions]
        for path in (*(here / name for name in folders), *paths):
            if _is_link(path) and (reason := _why_not_followed(path, real_root)):
                skip(path, reason)
        folders[:] = [name for name in folders if _is_new_inside(here / name, real_root, visited)]
        yield from (path for path in paths if _is_file_inside(path, real_root))


def _is_left_out(name: str) -> bool:
    return name.startswith((".", "_")) or name == "node_modules"


def _why_not_followed(link: Path, real_root: Path) -> str:
    """Return why a link is left alone, "" for one that may be followed."""
    if not os.path.exists(link):  # noqa: PTH110 - Path.exists raises where a name is too long
        return "a link to nothing"
    if not link.resolve().is_relative_to(real_root):
        return "a link that leads out of the folder"
    return ""


def _is_new_inside(folder: Path, real_root: Path, visited: set[Path]) -> bool:
    """Tell whether a folder is worth a visit; links may lead out, or back up in a circle."""
    if not _is_link(folder):
        return True
    real = folder.resolve()
    if real in visited or real in folder.absolute().parents or not real.is_relative_to(real_root):
        return False
    visited.add(real)
    return True


def _is_file_inside(path: Path, real_root: Path) -> bool:
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long
        return False
    return not _is_link(path) or path.resolve().is_relative_to(real_root)


def _open_holders(found: Expansion) -> None:
    """Put the pages of files that hold many in the place of such a file."""
    files: list[SourceFile] = []
    for file in found.files:
        pages_of = HOLDERS.get(file.path.suffix.lower())
        if pages_of is None:
            files.append(file)
            continue
        try:
            files += pages_of(file)
        except UnreadableSource as exc:
            found.failed.append((file.label, exc.message))
            found.is_complete = False
    found.files = files


def _is_link(path: Path) -> bool:
    return os.path.islink(path)  # noqa: PTH114 - Path.is_symlink raises where a name is too long


def _refuse_doubles(found: Expansion) -> None:
    """Keep the first of files that would be the same document, say so of the others."""
    kept: dict[str, SourceFile] = {}
    for file in found.files:
        first = kept.setdefault(file.document_id, file)
        if first is not file and first.path.resolve() != file.path.resolve():
            reason = f"has the same place in the book as {first.path}"
            found.failed.append((str(file.path), reason))
    found.files = list(kept.values())
