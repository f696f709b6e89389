"""Where a reader's page is, and what is searched around it."""

from dataclasses import replace

import pytest

from proxy.queries import Where
from proxy.rag.retrieval.scope import ladder, open_page
from tests.support.core_ports import make_book

ON_SITE = replace(make_book("site"), base_url="https://book.example/handbook")
NOWHERE = replace(make_book("nowhere"), base_url=None)


@pytest.mark.parametrize(
    ("address", "route", "anchor"),
    [
        ("https://book.example/handbook/guides/setup", "/guides/setup", ""),
        ("https://book.example/handbook/guides/setup/#ports", "/guides/setup", "ports"),
        ("https://book.example/handbook/guides/setup.html?x=1", "/guides/setup", ""),
        ("/handbook/guides/setup", "/guides/setup", ""),
        ("https://book.example/handbook", "/", ""),
        ("https://book.example/handbook/caf%C3%A9", "/café", ""),
    ],
)
def test_an_address_below_a_base_url_is_a_page_of_that_book(
    address: str, route: str, anchor: str
) -> None:
    page = open_page(address, [NOWHERE, ON_SITE])
    assert page.where.books == ("site",)
    assert route in (page.where.routes or ())
    assert page.anchor == anchor


def test_an_address_elsewhere_is_looked_for_by_its_path() -> None:
    page = open_page("https://other.example/docs/guides/setup#x", [NOWHERE, ON_SITE])
    assert page.where.books is None
    assert {"/docs/guides/setup", "/guides/setup", "/guides/setup/"} <= set(page.where.routes or ())
    assert "/handbooks/setup" in (open_page("/handbooks/setup", [ON_SITE]).where.routes or ())


def test_scopes_go_from_narrow_to_wide() -> None:
    page = open_page("/guides/setup#ports", [NOWHERE])
    rungs = ladder(Where(), page, "guides/setup.md", "book")
    assert [rung.name for rung in rungs] == ["section", "page", "chapter", "book"]
    section, on_page, chapter, book = (rung.where for rung in rungs)
    assert (section.document_ids, section.anchors) == (("guides/setup.md",), ("ports",))
    assert (on_page.document_ids, on_page.anchors) == (("guides/setup.md",), None)
    assert chapter == Where(folders=("guides",))
    assert book == Where()


def test_a_scope_bounds_the_search() -> None:
    page = open_page("/setup", [NOWHERE])
    assert [rung.name for rung in ladder(Where(), page, "setup.md", "page")] == ["page"]
    assert [r.name for r in ladder(Where(), page, "setup.md", "chapter")] == ["page"]


def test_a_page_that_is_not_there_leaves_the_book_or_nothing() -> None:
    page = open_page("/gone", [NOWHERE])
    assert [rung.name for rung in ladder(Where(), page, None, "book")] == ["book"]
    assert ladder(Where(), page, None, "page") == []
