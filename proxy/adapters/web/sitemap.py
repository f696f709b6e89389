"""What a site says of its pages: robots.txt, sitemaps, links. Pure.

Source: https://www.sitemaps.org/protocol.html and RFC 9309.
"""

import gzip
import io
import zlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from selectolax.lexbor import LexborHTMLParser

AGENT = "book-proxy"
MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""The protocol's own limit, unpacked."""
_LONGEST_DELAY_S = 10.0
_NO_PAGES = frozenset(
    (
        *("avif", "bmp", "css", "csv", "doc", "eot", "epub", "gif", "gz", "ico", "jpeg", "jpg"),
        *("js", "json", "map", "md", "mjs", "mov", "mp3", "mp4", "ogg", "otf", "png", "ppt"),
        *("rss", "svg", "tar", "tgz", "ttf", "txt", "webm", "webp", "woff", "woff2", "xml", "zip"),
    )
)


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site asks of programs."""

    rules: RobotFileParser
    sitemaps: tuple[str, ...]
    delay_s: float

    def allows(self, url: str) -> bool:
        """Return whether the site lets us read `url`."""
        return self.rules.can_fetch(AGENT, url)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A list of pages, or of further such lists."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def read_robots(text: str, url: str) -> Robots:
    """Return what the robots.txt at `url` says; an empty one allows everything."""
    rules = RobotFileParser(url)
    rules.parse(text.splitlines())
    delay: Any = rules.crawl_delay(AGENT)
    maps = tuple(urljoin(url, one) for one in rules.site_maps() or ())
    return Robots(rules, maps, min(float(delay or 0.0), _LONGEST_DELAY_S))


def is_sitemap(data: bytes) -> bool:
    """Tell whether content is a sitemap."""
    if data.startswith(b"\x1f\x8b"):
        return True
    head = data[:2_000]
    return b"<urlset" in head or b"<sitemapindex" in head


def read_sitemap(data: bytes) -> Sitemap | None:
    """Return what a sitemap lists, None where it cannot be read."""
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(MAX_SITEMAP_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            return None
        if len(data) > MAX_SITEMAP_BYTES:
            return None
    etree: Any = import_module("lxml.etree")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None

    def listed(kind: str) -> tuple[str, ...]:
        found = root.xpath(f"/*/*[local-name()='{kind}']/*[local-name()='loc']/text()")
        return tuple(str(text).strip() for text in found)

    return Sitemap(listed("url"), listed("sitemap"))


def links_of(html: str, url: str) -> list[str]:
    """Return the addresses that a page links to, without fragments and queries, each once."""
    page = LexborHTMLParser(html)
    base = page.css_first("base[href]")
    start = urljoin(url, base.attributes.get("href") or "") if base is not None else url
    found: dict[str, None] = {}
    for link in page.css("a[href]"):
        if "nofollow" in (link.attributes.get("rel") or ""):
            continue
        try:
            target = urldefrag(urljoin(start, link.attributes.get("href") or "")).url
        except ValueError:
            continue
        if is_page(target):
            found[target] = None
    return list(found)


def is_page(url: str) -> bool:
    """Tell whether an address looks like that of a page: no picture, no archive, no query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.query:
        return False
    name, dot, ending = parts.path.rpartition("/")[2].rpartition(".")
    return not (name and dot) or ending.lower() not in _NO_PAGES


def folder_of(url: str) -> str:
    """Return the address up to its last slash: what lies below it belongs to the book."""
    parts = urlsplit(url)
    path = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{path}/"
