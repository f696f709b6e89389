"""Sites read for real, over TLS on loopback."""

import gzip
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from proxy.adapters.web.fetcher import open_web_fetcher
from proxy.adapters.web.guard import UrlRules
from proxy.adapters.web.site import SiteLimits, WebSiteReader
from proxy.ports import SiteContent
from tests.support.web_server import CertificateAuthority, WebServer, response

HOST = "book.example.com"


def _page(text: str, *links: str) -> bytes:
    anchors = "".join(f'<a href="{link}">x</a>' for link in links)
    return response(f"<!doctype html><html><body>{text}{anchors}</body></html>".encode())


def _sitemap(*urls: str) -> bytes:
    shown = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return response(f"<urlset>{shown}</urlset>".encode())


def _redirect(location: str) -> bytes:
    return response(b"", f"location: {location}", status="301 Moved")


class Site:
    """A site of its own, and a reader of it."""

    def __init__(self, server: WebServer, reader: WebSiteReader, folder: Path) -> None:
        self.server = server
        self.reader = reader
        self.folder = folder
        self.root = f"https://{HOST}:{server.port}"
        self.advanced = 0

    def serve(self, **answers: bytes) -> None:
        """Answer by path; a double underscore is a slash, a single one a dot."""
        for name, answer in answers.items():
            path = name.replace("__", "/").replace("_", ".")
            self.server.answers[f"/{path}"] = answer

    async def read(self, path: str) -> SiteContent:
        """Read the site at a path."""
        return await self.reader.read_site(self.root + path, self.folder, advance=self._advance)

    def paths(self, content: SiteContent) -> list[str]:
        """Return the paths of the pages that were read."""
        return [page.url.removeprefix(self.root) for page in content.pages]

    def asked(self) -> list[str]:
        """Return the paths that were asked for."""
        return [head.split(b" ", 2)[1].decode() for head in self.server.requests]

    def _advance(self, steps: int) -> None:
        self.advanced += steps


@pytest.fixture(scope="module")
def authority() -> CertificateAuthority:
    return CertificateAuthority()


@pytest.fixture
def limits() -> SiteLimits:
    return SiteLimits(pause_s=0.0)


@pytest.fixture
async def site(
    authority: CertificateAuthority, limits: SiteLimits, tmp_path: Path
) -> AsyncGenerator[Site]:
    async with (
        WebServer(tls=authority.server(HOST)) as server,
        open_web_fetcher(
            UrlRules(ports=frozenset({server.port})),
            lookup=lambda _: ["127.0.0.1"],
            may_connect=lambda _: True,
            tls=authority.client(),
        ) as fetcher,
    ):
        yield Site(server, WebSiteReader(fetcher, limits), tmp_path)


async def test_pages_are_those_of_the_sitemap_below_the_folder(site: Site) -> None:
    site.serve(
        docs__=_page("start", "/docs/unlisted"),
        docs__a=_page("a"),
        docs__b=_page("b"),
        sitemap_xml=_sitemap(f"{site.root}/docs/a", f"{site.root}/docs/b", f"{site.root}/blog/c"),
    )
    content = await site.read("/docs/")
    assert site.paths(content) == ["/docs/a", "/docs/b"]
    assert content.failed == ()
    assert site.advanced == 2
    assert b"<body>a" in content.pages[0].path.read_bytes()
    assert content.pages[0].media_type == "text/html"


async def test_a_sitemap_may_be_named_itself_packed_and_in_parts(site: Site) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.root}/m.xml</loc></sitemap></sitemapindex>"
    site.serve(
        index_xml=response(gzip.compress(index.encode())),
        m_xml=_sitemap(f"{site.root}/a", f"{site.root}/b.pdf", "https://else.example.com/x"),
        a=_page("a"),
        b_pdf=response(b"%PDF-1.7"),
    )
    content = await site.read("/index.xml")
    assert [page.media_type for page in content.pages] == ["text/html", "application/pdf"]


async def test_without_a_sitemap_links_are_followed_within_the_folder(site: Site) -> None:
    site.serve(
        docs__=_page("start", "a", "/other", "pic.png", "https://else.example.com/"),
        docs__a=_page("a", "b", "a", "/docs/"),
        docs__b=response(b"%PDF-1.7"),
    )
    content = await site.read("/docs/#part")
    assert site.paths(content) == ["/docs/", "/docs/a", "/docs/b"]
    assert "/other" not in site.asked()
    assert site.asked().count("/docs/") == 1


async def test_what_robots_forbids_is_not_asked_for(site: Site) -> None:
    robots = f"User-agent: *\nDisallow: /docs/secret\nSitemap: {site.root}/map.xml\n"
    site.serve(
        robots_txt=response(robots.encode()),
        docs__=_page("start"),
        docs__a=_page("a"),
        map_xml=_sitemap(f"{site.root}/docs/secret", f"{site.root}/docs/a"),
    )
    assert site.paths(await site.read("/docs/")) == ["/docs/a"]
    assert "/docs/secret" not in site.asked()
    content = await site.read("/docs/secret")
    assert content.pages == ()
    assert content.failed == (
        (f"{site.root}/docs/secret", "the site's robots.txt asks programs to stay away"),
    )


async def test_redirects_are_followed_on_the_site_and_judged_elsewhere(site: Site) -> None:
    site.serve(
        docs=_redirect("/docs/"),
        docs__=_page("start", "old", "away", "inside", "round"),
        docs__old=_redirect("new"),
        docs__new=_page("new"),
        docs__away=_redirect("https://elsewhere.example.com:1/x"),
        docs__inside=_redirect("https://169.254.169.254/latest"),
        docs__round=_redirect("round"),
    )
    content = await site.read("/docs")
    assert site.paths(content) == ["/docs/", "/docs/new"]
    assert dict(content.failed) == {
        f"{site.root}/docs/away": "its URL names a port that is not allowed",
        f"{site.root}/docs/inside": "its URL names a port that is not allowed",
        f"{site.root}/docs/round": "its server redirects without end",
    }


async def test_a_page_that_fails_does_not_stop_the_others(site: Site) -> None:
    site.serve(
        docs__=_page("start", "gone", "pic", "b"), docs__pic=response(b"GIF89a"), docs__b=_page("b")
    )
    content = await site.read("/docs/")
    assert site.paths(content) == ["/docs/", "/docs/b"]
    assert dict(content.failed) == {
        f"{site.root}/docs/gone": "its server answers with status 404",
        f"{site.root}/docs/pic": "what its server sent is of another type",
    }


async def test_a_site_that_cannot_be_read_says_why(site: Site) -> None:
    content = await site.read("/nothing")
    assert content.failed == ((f"{site.root}/nothing", "its server answers with status 404"),)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (SiteLimits(pages=1, pause_s=0.0), "more than 1 pages"),
        (SiteLimits(bytes=1, pause_s=0.0), "more than 0 MB"),
    ],
)
async def test_a_site_is_read_up_to_a_limit_and_what_is_left_is_told(
    site: Site, reason: str
) -> None:
    site.serve(docs__=_page("start", "a", "b"), docs__a=_page("a"), docs__b=_page("b"))
    content = await site.read("/docs/")
    assert site.paths(content) == ["/docs/"]
    ((url, told),) = content.failed
    assert url == f"{site.root}/docs/a"
    assert reason in told
    site.serve(sitemap_xml=_sitemap(f"{site.root}/docs/a", f"{site.root}/docs/b"))
    content = await site.read("/docs/")
    assert site.paths(content) == ["/docs/a"]
    assert reason in content.failed[0][1]
