"""What sites say of their pages."""

import gzip

import pytest

from proxy.adapters.web.sitemap import (
    MAX_SITEMAP_BYTES,
    folder_of,
    is_page,
    is_sitemap,
    links_of,
    read_robots,
    read_sitemap,
)

_URL = "https://book.example/docs/start"
_LIST = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    b"<url><loc> https://book.example/a </loc><lastmod>2026</lastmod></url>"
    b"<url><loc>https://book.example/b</loc></url></urlset>"
)


def test_robots_says_what_may_be_read_how_slowly_and_where_the_lists_are() -> None:
    text = "User-agent: *\nDisallow: /private\nCrawl-delay: 99\n\nSitemap: /map.xml\n"
    robots = read_robots(text, "https://book.example/robots.txt")
    assert robots.allows("https://book.example/docs")
    assert not robots.allows("https://book.example/private/x")
    assert robots.sitemaps == ("https://book.example/map.xml",)
    assert robots.delay_s == 10.0


def test_a_program_that_is_named_is_asked_by_its_name() -> None:
    robots = read_robots("User-agent: book-proxy\nDisallow: /\n", "https://book.example/robots.txt")
    assert not robots.allows(_URL)
    assert read_robots("", "https://book.example/robots.txt").allows(_URL)


def test_a_sitemap_lists_pages_and_an_index_further_lists() -> None:
    found = read_sitemap(_LIST)
    assert found is not None
    assert found.pages == ("https://book.example/a", "https://book.example/b")
    index = b"<sitemapindex><sitemap><loc>https://book.example/m.xml</loc></sitemap></sitemapindex>"
    packed = read_sitemap(gzip.compress(index))
    assert packed is not None
    assert packed.sitemaps == ("https://book.example/m.xml",)
    assert is_sitemap(_LIST)
    assert is_sitemap(gzip.compress(_LIST))
    assert not is_sitemap(b"<html>")


@pytest.mark.parametrize(
    "data",
    [
        b"<urlset",
        b"\x1f\x8bnot gzip",
        gzip.compress(_LIST)[:-12],
        gzip.compress(bytes(MAX_SITEMAP_BYTES + 1)),
    ],
)
def test_a_sitemap_that_cannot_be_read_is_none(data: bytes) -> None:
    assert read_sitemap(data) is None


def test_entities_of_a_sitemap_fetch_nothing() -> None:
    evil = b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>'
    found = read_sitemap(evil)
    assert found is not None
    assert not any("root" in page for page in found.pages)


def test_links_are_those_to_pages_each_once() -> None:
    html = (
        '<a href="next#top">1</a><a href="/docs/next">2</a><a href="pic.png">3</a>'
        '<a href="?q=1">4</a><a href="mailto:a@b.c">5</a><a href="x" rel="nofollow">6</a>'
        '<a href="http://[bad">7</a><a href="https://else.example/y.html">8</a><a>9</a>'
    )
    assert links_of(html, _URL) == ["https://book.example/docs/next", "https://else.example/y.html"]
    assert links_of('<base href="/b/"><a href="c">', _URL) == ["https://book.example/b/c"]


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://a.example/", True),
        ("https://a.example/v1.2/guide", True),
        ("https://a.example/guide.pdf", True),
        ("https://a.example/style.CSS", False),
        ("ftp://a.example/", False),
        ("https://[a", False),
    ],
)
def test_addresses_that_look_like_pages(url: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_page(url) is is_one


def test_the_folder_of_an_address_is_what_lies_beside_it() -> None:
    assert folder_of(_URL) == "https://book.example/docs/"
    assert folder_of("https://book.example") == "https://book.example/"
