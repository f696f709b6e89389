"""Sources to files, sites among them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.errors import InvalidRequest
from proxy.ingest.gathering import base_url_of, files_of, gather
from proxy.ports import FetchedPage, SiteContent
from tests.support.workplace import StageLog

_SITE = "https://book.example"


class OnePage:
    """Implements `SiteReader` by a site of one page."""

    async def read_site(
        self, url: str, folder: Path, *, advance: Callable[[int], None]
    ) -> SiteContent:
        """See `SiteReader.read_site`."""
        path = folder / "0"
        path.write_text("<html><h1>Page</h1>text</html>")
        advance(1)
        return SiteContent((FetchedPage(f"{url}a", path, "text/html"),), ())


async def test_files_and_sites_make_one_book(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b.md").write_text("text")
    (tmp_path / "spool").mkdir()
    progress = StageLog()
    sources = [tmp_path / "docs", f"{_SITE}/docs/"]
    found = await gather(sources, OnePage(), tmp_path / "spool", progress)
    assert [file.document_id for file in found.files] == ["b.md", "docs/a"]
    assert found.files[1].label == f"{_SITE}/docs/a"
    assert progress.done == [1]


async def test_a_site_where_none_is_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="Sites are not read here"):
        await gather([f"{_SITE}/"], None, tmp_path, StageLog())


def test_pages_lie_where_the_site_serves_them() -> None:
    urls = ["/", "/docs/", "/docs/a%20b", "/docs/m.pdf", "/docs/index.html", "/über"]
    pages = [
        FetchedPage(_SITE + url, Path("x"), "application/pdf" if ".pdf" in url else "text/html")
        for url in urls
    ]
    found = files_of(SiteContent(tuple(pages), ((f"{_SITE}/gone", "404"),)))
    assert [(file.document_id, file.reads_as) for file in found.files] == [
        ("docs/a b", ".html"),
        ("docs/index.html", ".html"),
        ("docs/m.pdf", ".pdf"),
        ("index.html", ".html"),
        ("über", ".html"),
    ]
    assert found.failed == [(f"{_SITE}/gone", "404")]
    assert not found.is_complete


def test_the_base_url_is_the_sites_where_none_is_given() -> None:
    assert base_url_of(None, ["docs", Path("x")]) is None
    assert base_url_of(None, ["docs", f"{_SITE}/docs/sitemap.xml"]) == _SITE
    assert base_url_of("https://b.example/x", [f"{_SITE}/"]) == "https://b.example/x"
    assert base_url_of("none", [f"{_SITE}/"]) == ""
    with pytest.raises(InvalidRequest, match="one site"):
        base_url_of(None, [f"{_SITE}/", "https://other.example/"])
    with pytest.raises(InvalidRequest, match="is no base URL"):
        base_url_of("book.example", [])
