"""Where a page stands: its route, what is above it, and the names that its text may use."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from proxy.ingest.loaders.base import Source, UnreadableSource
from proxy.ingest.loaders.docusaurus.categories import category_of, folder_name
from proxy.ingest.loaders.docusaurus.globs import matches_any
from proxy.ingest.loaders.docusaurus.partials import imported_bytes
from proxy.ingest.loaders.docusaurus.site import Area, Site, labels_above, site_of
from proxy.ingest.loaders.front_matter import text_field
from proxy.ingest.loaders.routes import is_index, page_name, route_of, without_number


@dataclass(frozen=True, slots=True)
class Place:
    """Where one page stands."""

    route: str
    above: tuple[str, ...]
    """The labels of its version and its categories, outermost first."""
    path: str
    """Of its file, as `Beside` has paths."""
    own: str
    """The same within the folder of its docs."""
    site: Site | None
    is_excluded: bool
    """Whether the site's configuration leaves it out."""


def place_of(source: Source, matter: Mapping[str, Any]) -> Place:
    """Return where the page in `source`, with this front matter, stands.

    Raises:
        UnreadableSource: its `id` is none.
    """
    page_id = text_field(matter, "id")
    if page_id and "/" in page_id:
        raise UnreadableSource("front matter `id` must not contain a slash")
    root = source.beside.place
    path = posixpath.join(root, source.document_id)
    site = site_of(source.beside)
    area = site.area_of(path) if site else None
    is_whole_site = area is not None and not f"{root}/".startswith(f"{area.folder}/")
    own = path[len(area.folder) :].lstrip("/") if area else source.document_id
    strips_all = area is None or area.strips_numbers
    strips = strips_all and matter.get("parse_number_prefixes") is not False
    below = route_of(
        own if is_whole_site else source.document_id,
        slug=text_field(matter, "slug"),
        page_id=page_id,
        strip_numbers=strips,
        strip_folders=strips_all,
    )
    route = f"{area.route}{below}" if area and is_whole_site else below
    above = _above(source, area, own, page_id or page_name(own, strip_numbers=strips))
    is_excluded = area is not None and matches_any(own, area.excluded)
    return Place(route, above, path, own, site, is_excluded)


def made_of(source: Source) -> Iterable[bytes]:
    """Yield what a page is made of besides its own file."""
    site = site_of(source.beside)
    path = posixpath.join(source.beside.place, source.document_id)
    if site is not None:
        yield site.digest
    for label in _folder_labels(source, path, site.area_of(path) if site else None).values():
        yield label.encode()
    if b"import" in source.data:
        text = source.data.decode("utf-8", "replace")
        yield from imported_bytes(text, source, path, site.folder if site else "")


def _above(source: Source, area: Area | None, own: str, name: str) -> tuple[str, ...]:
    path = posixpath.join(source.beside.place, source.document_id)
    folder = PurePosixPath(own).parent.as_posix()
    folder = "" if folder == "." else folder
    if is_index(own):
        shown = PurePosixPath(folder).parent.as_posix() if folder else ""
        shown = "" if shown == "." else shown
    else:
        shown = folder
    labels = _folder_labels(source, path, area)
    if area is None:
        return tuple(_chain(shown, labels))
    parts = folder.split("/")
    plain = "/".join(map(without_number, parts) if area.strips_numbers else parts)
    start = f"{area.folder}/" if area.folder else ""
    known = {path.removeprefix(start): label for path, label in labels.items()}
    return labels_above(area, f"{plain}/{name}".lstrip("/"), shown, known)


def _chain(folder: str, labels: Mapping[str, str]) -> Iterable[str]:
    parts = folder.split("/") if folder else []
    paths = ("/".join(parts[: n + 1]) for n in range(len(parts)))
    return [labels[path] for path in paths if path in labels]


def _folder_labels(source: Source, path: str, area: Area | None) -> dict[str, str]:
    """Return the labels of the folders above a page; only a site shows those without a file."""
    folders = PurePosixPath(path).parent.parts
    found: dict[str, str] = {}
    for end in range(1, len(folders) + 1):
        folder = "/".join(folders[:end])
        label = category_of(source.beside, folder).label
        if label or area:
            strips = area is None or area.strips_numbers
            found[folder] = label or folder_name(folder, strip_numbers=strips)
    return found
