"""What a page imports: other pages to stand in it, and files to be shown as code.

Source: https://docusaurus.io/docs/markdown-features/react#importing-markdown.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proxy.ingest.loaders.base import Source

_IMPORT = re.compile(
    r"""^import\s+(?P<name>[A-Za-z_$][\w$]*)\s*(?:,\s*\{[^}]*\}\s*)?from\s*"""
    r"""(?P<quote>["'])(?P<path>[^"'\n]+)(?P=quote)""",
    re.MULTILINE,
)
_RAW = re.compile(r"\A(?:!!|!|-!)?raw-loader!")
_MAX_BYTES = 1024 * 1024
"""Of one imported file: what is longer is no part of a page."""
_MAX_IMPORTS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that a page imports."""

    path: str
    """As `Beside` has paths."""
    data: bytes
    is_raw: bool
    """Shown as it is, not rendered."""


def imports_of(text: str, path: str, source: Source, site_folder: str) -> Mapping[str, Imported]:
    """Return what the page at `path` imports, by the name that it gives it."""
    found: dict[str, Imported] = {}
    if "import" not in text:
        return found
    for match in _IMPORT.finditer(text):
        if len(found) >= _MAX_IMPORTS:
            break
        target = _RAW.sub("", match["path"])
        is_raw = target != match["path"]
        if not is_raw and not target.endswith((".md", ".mdx")):
            continue
        place = _resolved(target, path, site_folder)
        data = source.beside.read(place) if place else None
        if data is not None and len(data) <= _MAX_BYTES:
            found[match["name"]] = Imported(place, data, is_raw)
    return found


def imported_bytes(text: str, source: Source, path: str, site_folder: str) -> Iterator[bytes]:
    """Yield all that the page imports, and what that imports, each file once."""
    waiting = [(text, path)]
    seen = {path}
    while waiting and len(seen) <= _MAX_IMPORTS:
        for imported in imports_of(*waiting.pop(), source, site_folder).values():
            if imported.path in seen:
                continue
            seen.add(imported.path)
            yield imported.data
            if not imported.is_raw:
                waiting.append((imported.data.decode("utf-8", "replace"), imported.path))


def _resolved(target: str, path: str, site_folder: str) -> str:
    if target.startswith("@site/"):
        place = posixpath.join(site_folder, target.removeprefix("@site/"))
    elif target.startswith("."):
        place = posixpath.join(posixpath.dirname(path), target)
    else:
        return ""
    place = posixpath.normpath(place)
    return "" if place.startswith("../") else place
