"""What a job is asked to do, as it stands in the store. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from proxy.corpus import NOWHERE, check_base_url, check_edition
from proxy.errors import InvalidRequest

MAX_PATH_CHARS = 512
_LEFT_OUT = (".", "_")
"""First characters of names that a folder's ingest leaves out."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """An upload, and its path within the book."""

    path: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """What to make of a book."""

    files: tuple[PlacedFile, ...] = ()
    removed: tuple[str, ...] = ()
    """Documents and folders to take out."""
    is_whole: bool = False
    """Whether `files` are all that the book is to hold."""
    title: str | None = None
    base_url: str | None = None
    edition: str | None = None
    site: str | None = None
    """The address of a site whose pages go into the book."""

    def check(self) -> None:
        """Return when it can be done.

        Raises:
            InvalidRequest: the site, the base URL or the edition is none.
        """
        if self.site is not None and not _is_site(self.site):
            raise InvalidRequest(
                "'url' is the address of a public site: it begins with https:// (or http://)"
                " and names no user.",
                param="url",
            )
        if self.base_url not in (None, NOWHERE):
            check_base_url(self.base_url)
        if self.edition is not None:
            check_edition(self.edition)

    def with_files(self, files: tuple[PlacedFile, ...]) -> "Order":
        """Return the same of other files."""
        return replace(self, files=files)

    @property
    def within(self) -> list[str] | None:
        """The places of the book that this speaks for; None: all of them.

        Pages of a site are not known yet: those that come are put in, and none is taken out.
        """
        return None if self.is_whole else [*(file.path for file in self.files), *self.removed]

    def to_json(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return {
            "files": [[file.path, file.file_id] for file in self.files],
            "removed": list(self.removed),
            "is_whole": self.is_whole,
            "title": self.title,
            "base_url": self.base_url,
            "edition": self.edition,
            "site": self.site,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> "Order":
        """Return what `to_json` was made from."""
        return Order(
            files=tuple(PlacedFile(path, file_id) for path, file_id in kept["files"]),
            removed=tuple(kept["removed"]),
            is_whole=kept["is_whole"],
            title=kept["title"],
            base_url=kept["base_url"],
            edition=kept["edition"],
            site=kept.get("site"),
        )


def _is_site(url: str) -> bool:
    if not url.startswith(("http://", "https://")) or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        return False


def page_path(filename: str) -> str:
    """Return the path within a book that a client's name for a file stands for.

    Raises:
        InvalidRequest: it is no relative path of visible names (`param="file"`).
    """
    parts = [part for part in filename.replace("\\", "/").split("/") if part]
    path = "/".join(parts)
    is_plain = path.isprintable() and len(path) <= MAX_PATH_CHARS
    if not parts or not is_plain or any(part.startswith(_LEFT_OUT) for part in parts):
        raise InvalidRequest(
            f"A file's name is a path of at most {MAX_PATH_CHARS} characters whose parts do not"
            " begin with '.' or '_'.",
            param="file",
            code="invalid_filename",
        )
    return path
