"""A Docusaurus site: which of its folders hold pages, and where it serves those.

Source: https://docusaurus.io/docs/versioning, https://docusaurus.io/docs/i18n/introduction and the
versions code of @docusaurus/plugin-content-docs 3.10.
"""

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from proxy.ingest.loaders.base import Beside, UnreadableSource, decode_text
from proxy.ingest.loaders.docusaurus.literals import Script
from proxy.ingest.loaders.docusaurus.sidebars import Labels, Sidebars, read_sidebars

CONFIG_FILES = tuple(f"docusaurus.config.{ending}" for ending in ("js", "ts", "mjs", "cjs", "mts"))
CURRENT = "current"
_DOCS_PLUGIN = "docusaurus-plugin-content-docs"
_PAGES_PLUGIN = "docusaurus-plugin-content-pages"
_MAIN = "default"


@dataclass(frozen=True, slots=True)
class Area:
    """A folder of pages: one version of one set of docs in one language, or the site's pages."""

    folder: str
    """As `Beside` has paths."""
    route: str
    """Below which it serves them, without a slash at its end."""
    label: str
    """Shown above its pages, "" for those that readers see first."""
    sidebars: Sidebars | None = None
    """None: its pages stand in none."""
    is_translation: bool = False
    strips_numbers: bool = True
    """Whether names that begin with a number are served without it."""
    excluded: tuple[Any, ...] = ()
    """Patterns of paths within it that are not served."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of the site that a book is part of."""

    areas: tuple[Area, ...]
    """Those with longer folders first."""
    folder: str
    """Where its configuration lies, as `Beside` has paths; `@site` in imports."""
    digest: bytes
    """Of all that was read: another one, other pages."""

    def area_of(self, path: str) -> Area | None:
        """Return the area that a page belongs to."""
        return next((area for area in self.areas if _is_in(path, area.folder)), None)


@dataclass(frozen=True, slots=True)
class _Docs:
    """A set of docs as the configuration has it."""

    id: str
    options: Mapping[str, Any]
    site_folder: str

    @property
    def strips_numbers(self) -> bool:
        return self.options.get("numberPrefixParser") is not False

    @property
    def excluded(self) -> tuple[Any, ...]:
        patterns = self.options.get("exclude")
        return tuple(cast("list[Any]", patterns)) if isinstance(patterns, list) else ()

    def text(self, name: str, default: str) -> str:
        value = self.options.get(name)
        return value if isinstance(value, str) else default

    def at(self, *parts: str) -> str:
        return _joined(self.site_folder, *parts)

    def prefixed(self, name: str) -> str:
        return name if self.id == _MAIN else f"{self.id}_{name}"


@dataclass(slots=True, eq=False)
class _Reading:
    """Reads files and remembers all of them."""

    beside: Beside
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def place(self) -> str:
        return self.beside.place

    def read(self, path: str) -> bytes | None:
        data = self.beside.read(path)
        if data is not None:
            self.digest.update(f"{path}\n{len(data)}\n".encode())
            self.digest.update(data)
        return data

    def names(self, folder: str) -> tuple[str, ...]:
        names = self.beside.names(folder)
        self.digest.update("\n".join((folder, *(n for n in names if n.endswith("/")))).encode())
        return names

    def text(self, path: str) -> str | None:
        data = self.read(path)
        try:
            return None if data is None else decode_text(data)
        except UnreadableSource:
            return None

    def json(self, path: str) -> Any:
        text = self.text(path)
        try:
            return None if text is None else json.loads(text)
        except (ValueError, RecursionError):
            return None


@lru_cache(maxsize=16)
def site_of(beside: Beside) -> Site | None:
    """Return the site that the files of `beside` belong to, None where there is none."""
    reading = _Reading(beside)
    here = beside.place
    above = [posixpath.normpath(_joined(here, *[".."] * n)) for n in range(5)] if here else ["."]
    for folder in ("" if path == "." else path for path in above):
        if folder.startswith(".."):
            break
        for place in (folder, _joined(folder, "website")):
            config = next(
                (text for name in CONFIG_FILES if (text := reading.text(_joined(place, name)))),
                None,
            )
            if config is not None:
                areas = sorted(
                    _areas(reading, place, Script(config)), key=lambda area: -len(area.folder)
                )
                return Site(tuple(areas), place, reading.digest.digest())
    return None


def _areas(reading: _Reading, place: str, config: Script) -> Iterator[Area]:
    i18n = _first_object(config.values_of("i18n"))
    default = i18n.get("defaultLocale")
    listed: Any = i18n.get("locales")
    locales = cast("list[Any]", listed) if isinstance(listed, list) else []
    others = [one for one in locales if isinstance(one, str) and one != default]
    for docs in _docs(config, place):
        for version, route, label in _versions(reading, docs):
            sidebars = read_sidebars_of(reading, docs, version)
            base = _route(docs.text("routeBasePath", "docs"), route)
            strips = docs.strips_numbers
            yield Area(
                _folder(docs, version),
                base,
                label,
                sidebars,
                strips_numbers=strips,
                excluded=docs.excluded,
            )
            part = CURRENT if version == CURRENT else f"version-{version}"
            plugin = _DOCS_PLUGIN if docs.id == _MAIN else f"{_DOCS_PLUGIN}-{docs.id}"
            for locale in others:
                folder = docs.at("i18n", locale, plugin, part)
                yield Area(
                    folder,
                    _route(locale, base),
                    label,
                    sidebars,
                    is_translation=True,
                    strips_numbers=strips,
                    excluded=docs.excluded,
                )
    yield Area(_joined(place, "src/pages"), "", "")
    for locale in others:
        folder = _joined(place, "i18n", locale, _PAGES_PLUGIN)
        yield Area(folder, _route(locale), "", is_translation=True)


def _docs(config: Script, place: str) -> list[_Docs]:
    found: dict[str, _Docs] = {}
    preset = _first_object(config.values_of("docs"))
    plugins = config.after_string("plugin-content-docs", "content-docs")
    for options in (preset, *map(_object, plugins)):
        if options:
            name = options.get("id")
            name = name if isinstance(name, str) else _MAIN
            found.setdefault(name, _Docs(name, options, place))
    has_none = any(value is False for value in config.values_of("docs"))
    if _MAIN not in found and not has_none:
        found[_MAIN] = _Docs(_MAIN, {}, place)
    return list(found.values())


def _versions(reading: _Reading, docs: _Docs) -> Iterator[tuple[str, str, str]]:
    """Yield each version's name, its part of the route and its label."""
    listed = reading.json(docs.at(docs.prefixed("versions.json")))
    past = [str(name) for name in cast("list[Any]", listed)] if isinstance(listed, list) else []
    if docs.options.get("disableVersioning") is True:
        past = []
    names = past if docs.options.get("includeCurrentVersion") is False else [CURRENT, *past]
    only: Any = docs.options.get("onlyIncludeVersions")
    if isinstance(only, list):
        names = [name for name in names if name in cast("list[Any]", only)]
    last = docs.text("lastVersion", past[0] if past else CURRENT)
    settings = _object(docs.options.get("versions"))
    for name in names:
        own = _object(settings.get(name))
        is_last = name == last
        default_route = "" if is_last else "next" if name == CURRENT else name
        default_label = "Next" if name == CURRENT else name
        route, label = own.get("path", default_route), own.get("label", default_label)
        shown = "" if is_last else str(label)
        yield name, route if isinstance(route, str) else default_route, shown


def _folder(docs: _Docs, version: str) -> str:
    if version == CURRENT:
        return docs.at(docs.text("path", "docs"))
    return docs.at(docs.prefixed("versioned_docs"), f"version-{version}")


def read_sidebars_of(reading: _Reading, docs: _Docs, version: str) -> Sidebars | None:
    """Return the sidebars of one version; None: it has none."""
    folder = _folder(docs, version)
    if version != CURRENT:
        path = docs.at(docs.prefixed("versioned_sidebars"), f"version-{version}-sidebars.json")
        return read_sidebars(reading, folder, path, strip_numbers=docs.strips_numbers)
    path: Any = docs.options.get("sidebarPath")
    if path is False:
        return None
    if not isinstance(path, str):
        return read_sidebars(reading, folder, None, strip_numbers=docs.strips_numbers)
    endings = ("", ".js", ".ts", ".json", ".cjs", ".mjs")
    places = [docs.at(path + ending) for ending in endings]
    there = next((place for place in places if reading.beside.read(place) is not None), None)
    return read_sidebars(reading, folder, there, strip_numbers=docs.strips_numbers)


def labels_above(area: Area, page_id: str, folder: str, labels: Mapping[str, str]) -> Labels:
    """Return what stands above a page in its area: the version, then its categories."""
    above = area.sidebars.labels(page_id, folder, labels) if area.sidebars else ()
    return (area.label, *above) if area.label else above


def _route(*parts: str) -> str:
    path = "/".join(part.strip("/") for part in parts if part.strip("/"))
    return f"/{path}" if path else ""


def _joined(*parts: str) -> str:
    path = posixpath.normpath(posixpath.join("", *(part for part in parts if part)) or ".")
    return "" if path == "." else path


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/") if folder else not path.startswith("../")


def _object(value: Any) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _first_object(values: Iterator[Any]) -> Mapping[str, Any]:
    for value in map(_object, values):
        if value:
            return value
    return {}
