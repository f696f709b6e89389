"""Reads the pages of a site: those its sitemap lists, else those its links lead to.

Implements `ports.SiteReader`. Every address goes through the guard of `fetcher.py`, redirects
included; one page after the other, as slowly as robots.txt asks; never more pages, bytes or time
than the limits below.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from proxy.adapters.web.fetcher import Fetched, Redirected, WebFetcher
from proxy.adapters.web.guard import NotFetchable
from proxy.adapters.web.sitemap import (
    MAX_SITEMAP_BYTES,
    Robots,
    folder_of,
    is_page,
    is_sitemap,
    links_of,
    read_robots,
    read_sitemap,
)
from proxy.deadline import Deadline
from proxy.ports import FetchedPage, SiteContent

MAX_PAGES = 5_000
MAX_PAGE_BYTES = 20 * 1024 * 1024
MAX_TOTAL_BYTES = 500 * 1024 * 1024
LIMIT_S = 3_600.0
_MAX_ROBOTS_BYTES = 500 * 1024
_MAX_SITEMAPS = 50
_MAX_REDIRECTS = 5
_PAUSE_S = 0.1
"""Between two pages, where robots.txt asks for no longer one."""

_HTML, _PDF = "text/html", "application/pdf"


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """How much of a site is read."""

    pages: int = MAX_PAGES
    bytes: int = MAX_TOTAL_BYTES
    seconds: float = LIMIT_S
    pause_s: float = _PAUSE_S


class WebSiteReader:
    """Reads sites with a fetcher of `open_web_fetcher`."""

    def __init__(self, fetcher: WebFetcher, limits: SiteLimits | None = None) -> None:
        self._fetcher = fetcher
        self._limits = limits or SiteLimits()

    async def read_site(
        self, url: str, folder: Path, *, advance: Callable[[int], None]
    ) -> SiteContent:
        """See `ports.SiteReader.read_site`."""
        visit = _Visit(self._fetcher, self._limits, folder, advance)
        try:
            await visit.run(urldefrag(url).url)
        except NotFetchable as exc:
            visit.failed.append((url, str(exc)))
        return SiteContent(tuple(visit.pages), tuple(visit.failed))


@dataclass(slots=True)
class _Visit:
    """One site being read."""

    fetcher: WebFetcher
    limits: SiteLimits
    folder: Path
    advance: Callable[[int], None]
    pages: list[FetchedPage] = field(default_factory=list[FetchedPage])
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _kept: set[str] = field(default_factory=set[str])
    _bytes: int = 0
    _deadline: Deadline = field(init=False)
    _robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = Deadline.after(self.limits.seconds)

    async def run(self, url: str) -> None:
        """Read the site at `url`, which may be that of its sitemap.

        Raises:
            NotFetchable: `url` itself cannot be read, or robots.txt forbids it.
        """
        await self._read_robots(url)
        if not self._robots.allows(url):
            raise NotFetchable("the site's robots.txt asks programs to stay away")
        place, first = await self._fetch(url, MAX_SITEMAP_BYTES, _any_page_or_sitemap)
        if is_sitemap(first.data):
            below = folder_of(place)
            await self._read_all(await self._listed([place], {place: first.data}), below)
            return
        below = folder_of(place)
        guesses = self._robots.sitemaps or (urljoin(place, "/sitemap.xml"),)
        listed = [one for one in await self._listed(guesses, {}) if one.startswith(below)]
        if listed:
            await self._read_all(listed, below)
        else:
            await self._follow(place, first, below)

    async def _read_robots(self, url: str) -> None:
        place = urljoin(url, "/robots.txt")
        try:
            text = (await self._fetch(place, _MAX_ROBOTS_BYTES, _text))[1].data.decode(
                "utf-8", "replace"
            )
        except NotFetchable:
            text = ""
        self._robots = read_robots(text, place)

    async def _listed(
        self, sitemaps: tuple[str, ...] | list[str], known: dict[str, bytes]
    ) -> list[str]:
        """Return the pages that sitemaps list, and those that these name in turn."""
        waiting = deque(sitemaps)
        seen: set[str] = set()
        found: dict[str, None] = {}
        while waiting and len(seen) < _MAX_SITEMAPS:
            place = waiting.popleft()
            if place in seen:
                continue
            seen.add(place)
            try:
                data = (
                    known.get(place)
                    or (await self._fetch(place, MAX_SITEMAP_BYTES, _sitemap))[1].data
                )
            except NotFetchable:
                continue
            sitemap = read_sitemap(data)
            if sitemap is not None:
                waiting.extend(sitemap.sitemaps)
                found.update(dict.fromkeys(page for page in sitemap.pages if is_page(page)))
        return list(found)

    async def _read_all(self, urls: list[str], below: str) -> None:
        host = urlsplit(below).netloc
        for url in urls:
            if urlsplit(url).netloc == host and self._robots.allows(url):
                if self._is_full(url):
                    return
                await self._read_page(url)

    async def _follow(self, url: str, first: Fetched, below: str) -> None:
        """Read the pages that links lead to, nearest first, below the folder of the first."""
        waiting = deque([url])
        known = {url}
        while waiting:
            place = waiting.popleft()
            if self._is_full(place):
                return
            fetched = self._keep(url, first) if place == url else await self._read_page(place)
            if fetched is None or fetched.media_type != _HTML:
                continue
            for link in links_of(fetched.data.decode("utf-8", "replace"), place):
                if link.startswith(below) and link not in known and self._robots.allows(link):
                    known.add(link)
                    waiting.append(link)

    def _is_full(self, url: str) -> bool:
        """Tell whether a limit is reached, and say so once."""
        limits = self.limits
        reason = (
            f"not read: the site has more than {limits.pages} pages"
            if len(self.pages) >= limits.pages
            else f"not read: the site has more than {limits.bytes // 1024**2} MB"
            if self._bytes >= limits.bytes
            else f"not read: reading the site took longer than {limits.seconds:.0f} s"
            if self._deadline.remaining_s() <= 0
            else ""
        )
        if reason:
            self.failed.append((url, f"{reason}, nor is what follows it"))
        return bool(reason)

    async def _read_page(self, url: str) -> Fetched | None:
        await asyncio.sleep(max(self._robots.delay_s, self.limits.pause_s))
        try:
            place, fetched = await self._fetch(url, MAX_PAGE_BYTES, _any_page)
        except NotFetchable as exc:
            self.failed.append((url, str(exc)))
            return None
        if urlsplit(place).netloc != urlsplit(url).netloc:
            self.failed.append((url, "leads to another site"))
            return None
        return self._keep(place, fetched)

    def _keep(self, url: str, fetched: Fetched) -> Fetched:
        if url not in self._kept:
            self._kept.add(url)
            path = self.folder / f"{len(self.pages)}"
            path.write_bytes(fetched.data)
            self._bytes += len(fetched.data)
            self.pages.append(FetchedPage(url, path, fetched.media_type))
            self.advance(1)
        return fetched

    async def _fetch(
        self, url: str, max_bytes: int, accept: Callable[[bytes], str | None]
    ) -> tuple[str, Fetched]:
        """Return what is at `url` and the address it was found at in the end."""
        for _ in range(_MAX_REDIRECTS + 1):
            try:
                return url, await self.fetcher.fetch(
                    url, max_bytes=max_bytes, deadline=self._deadline, accept=accept
                )
            except Redirected as exc:
                url = urldefrag(urljoin(url, exc.location)).url
        raise NotFetchable("its server redirects without end")


def _any_page(data: bytes) -> str | None:
    head = data[:2_000].lstrip().lower()
    if data.startswith(b"%PDF-"):
        return _PDF
    is_html = head.startswith((b"<!doctype html", b"<html", b"<?xml")) or b"<html" in head
    return _HTML if is_html else None


def _any_page_or_sitemap(data: bytes) -> str | None:
    return "application/xml" if is_sitemap(data) else _any_page(data)


def _sitemap(data: bytes) -> str | None:
    return "application/xml" if is_sitemap(data) else None


def _text(data: bytes) -> str | None:
    return None if b"\0" in data or _any_page(data) else "text/plain"
