"""Where Docusaurus serves a page.

Source: `slug.js`, `numberPrefix.js` and `isCategoryIndex` of @docusaurus/plugin-content-docs 3.10,
and the resolve-pathname package they call.
"""

import re
from pathlib import PurePosixPath

# Dates and versions (2021-11-foo, 7.0-foo) begin with digits and are no order.
_NOT_A_PREFIX = re.compile(r"[0-9]+[-_.][0-9]+")
_NUMBER_PREFIX = re.compile(r"[0-9]+\s*[-_.]+\s*(?P<rest>[^-_.\s].*)\Z")


def route_of(
    document_id: str,
    *,
    slug: str | None,
    page_id: str | None,
    strip_numbers: bool = True,
    strip_folders: bool = True,
) -> str:
    """Return the URL path of a page below the docs' own, with a leading slash, not yet encoded.

    `slug` and `page_id` come from the front matter; the page's name and its folders may keep the
    numbers that put them in order. The index page of a folder ends in a slash.
    """
    if slug and slug.startswith("/"):
        return slug
    folders = PurePosixPath(document_id).parent.parts
    shown = [without_number(part) if strip_folders else part for part in folders]
    folder = "/".join(("", *shown, ""))
    if not slug and is_index(document_id):
        return folder
    name = page_id or page_name(document_id, strip_numbers=strip_numbers)
    return _resolve(folder, slug or name)


def is_index(document_id: str) -> bool:
    """Tell whether a page is that of its folder; names count as they are on disk."""
    path = PurePosixPath(document_id)
    folders = path.parent.parts
    return path.stem.lower() in ("index", "readme", folders[-1].lower() if folders else None)


def page_name(document_id: str, *, strip_numbers: bool) -> str:
    """Return what a page is called that does not say so itself."""
    stem = PurePosixPath(document_id).stem
    return without_number(stem) if strip_numbers else stem


def without_number(segment: str) -> str:
    """Return a folder's or file's name without the number that puts it in order."""
    match = None if _NOT_A_PREFIX.match(segment) else _NUMBER_PREFIX.match(segment)
    return match["rest"] if match else segment


def _resolve(folder: str, relative: str) -> str:
    """Resolve as a browser resolves a link in `folder` (which ends in a slash)."""
    parts = folder.split("/")[1:-1]
    steps = relative.split("/")
    for step in steps:
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    tail = "/" if parts and steps[-1] in ("", ".", "..") else ""
    return "/" + "/".join(parts) + tail
