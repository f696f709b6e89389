"""What reads a site."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page of a site."""

    url: str
    """Where it was found, redirects followed."""
    path: Path
    """The file that holds what was there."""
    media_type: str
    """`text/html` or `application/pdf`, by what is in it."""


@dataclass(frozen=True, slots=True)
class SiteContent:
    """The pages of a site that could be read."""

    pages: tuple[FetchedPage, ...]
    failed: tuple[tuple[str, str], ...]
    """(URL, reason)."""


class SiteReader(Protocol):
    """Reads the pages of a site on the public internet."""

    async def read_site(
        self, url: str, folder: Path, *, advance: Callable[[int], None]
    ) -> SiteContent:
        """Write the pages of the site at `url` to files in `folder`.

        `url` is a page, of which all below its folder is the site, or a sitemap. `advance` is
        called with the number of pages that have come. What cannot be read is in `failed`, `url`
        itself too; nothing is raised for it. Polite and bounded: robots.txt is obeyed.
        """
        ...
