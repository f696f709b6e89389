"""A whole site: our routes and anchors are those that the real Docusaurus gave its pages."""

import json
from collections.abc import Mapping

import pytest

from proxy.corpus import Document
from tests.support.books import read_book
from tests.support.docusaurus import RECORDED, SITE

_TRANSLATION = "/ur"


@pytest.fixture(scope="module")
def theirs() -> Mapping[str, list[str]]:
    return json.loads(RECORDED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ours() -> Mapping[str, Document]:
    documents, failures = read_book(SITE)
    assert failures == []
    return {document.route: document for document in documents}


def _text(document: Document) -> str:
    return "\n\n".join(section.markdown for section in document.sections)


def test_every_page_has_the_route_it_is_served_at(
    theirs: Mapping[str, list[str]], ours: Mapping[str, Document]
) -> None:
    # A page that nobody translated yet is served once more as it is: the same text, left out.
    untranslated = {
        route
        for route in theirs
        if route.startswith(f"{_TRANSLATION}/") and route.removeprefix(_TRANSLATION) in theirs
    }
    assert len(ours) > 30
    assert set(ours) - set(theirs) == set()
    assert set(theirs) - set(ours) <= untranslated


def test_every_heading_has_the_id_it_is_served_with(
    theirs: Mapping[str, list[str]], ours: Mapping[str, Document]
) -> None:
    anchors = {
        route: [section.anchor for section in document.sections if section.anchor]
        for route, document in ours.items()
    }
    assert sum(map(len, anchors.values())) > 60
    assert anchors == {route: theirs[route] for route in ours}


@pytest.mark.parametrize(
    ("route", "above"),
    [
        ("/docs/", ()),
        ("/docs/basics/first", ("Old basics",)),
        ("/docs/canary/", ("Canary 🚧",)),
        ("/docs/canary/basics/first", ("Canary 🚧", "Foundations")),
        ("/docs/canary/guides/tabs", ("Canary 🚧", "Further on")),
        ("/docs/canary/guides/", ("Canary 🚧",)),
        ("/docs/canary/guides/jsx", ("Canary 🚧", "Components")),
        ("/docs/canary/advanced/deep/relative", ("Canary 🚧", "Deep end")),
        ("/docs/canary/tools/nested/hammer", ("Canary 🚧", "Nested tools")),
        ("/docs/canary/foundations", ("Canary 🚧",)),
        ("/ur/docs/canary/basics/first", ("Canary 🚧", "Foundations")),
        ("/club/team/roles", ()),
        ("/about", ()),
    ],
)
def test_what_stands_above_a_page_is_its_version_and_its_categories(
    ours: Mapping[str, Document], route: str, above: tuple[str, ...]
) -> None:
    page = ours[route]
    assert page.sections[0].heading_path[: len(above) + 1] == (*above, page.title)


def test_no_word_of_jsx_is_left(ours: Mapping[str, Document]) -> None:
    plain = "/docs/canary/tools/nested/plain"  # says that it is no MDX
    for document in (page for route, page in ours.items() if route != plain):
        outside = "".join(_text(document).split("```")[::2])
        assert not any(mark in outside for mark in ("import ", "export ", "</", "/>", "className"))


def test_partials_stand_where_they_are_named_with_what_was_given_to_them(
    ours: Mapping[str, Document],
) -> None:
    text = _text(ours["/docs/canary/guides/partials"])
    assert "Shared text with Ada." in text
    assert text.count("Innermost text.") == 2
    assert "  ### Inner partial\n" in text


def test_names_in_braces_are_what_they_stand_for(ours: Mapping[str, Document]) -> None:
    assert "The tool is Hammer, says Guides." in _text(ours["/docs/canary/guides/"])
    assert "```js\nimport React from 'react';" in _text(ours["/docs/canary/guides/jsx"])


def test_each_variant_of_tabs_is_labelled(ours: Mapping[str, Document]) -> None:
    sections = {section.anchor: section for section in ours["/docs/canary/guides/tabs"].sections}
    assert sections["on-a-mac"].markdown == "**macOS**\n\nUse brew."
    assert sections["on-windows"].markdown.startswith("**Windows**\n\nUse scoop.")
    assert sections["indented-heading"].markdown.startswith("**Two**")


def test_index_pages_say_what_their_category_is(ours: Mapping[str, Document]) -> None:
    page = ours["/docs/canary/category/nested-tools"]
    assert (page.title, _text(page)) == ("Nested tools", "Tools within tools.")
