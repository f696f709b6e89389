"""Expected routes were computed with @docusaurus/plugin-content-docs 3.10.2 (`getSlug`)."""

import pytest

from proxy.ingest.loaders.routes import route_of


@pytest.mark.parametrize(
    ("document_id", "route"),
    [
        ("a.md", "/a"),
        ("index.md", "/"),
        ("README.md", "/"),
        ("guides/README.mdx", "/guides/"),
        ("guides/Index.md", "/guides/"),
        ("Guides/guides.md", "/Guides/"),
        ("01-intro/02-start.md", "/intro/start"),
        ("01-intro/01-intro.md", "/intro/"),
        ("01-intro/intro.md", "/intro/intro"),
        ("7.0-foo.md", "/7.0-foo"),
        ("2021-11-01-post.md", "/2021-11-01-post"),
        ("7.0-foo/1. First.md", "/7.0-foo/First"),
        ("1 - Space.md", "/Space"),
        ("3--x.md", "/x"),
        ("10.md", "/10"),
        ("1-.md", "/1-"),
        ("über/größe.md", "/über/größe"),
    ],
)
def test_route_follows_the_path(document_id: str, route: str) -> None:
    assert route_of(document_id, slug=None, page_id=None) == route


@pytest.mark.parametrize(
    ("slug", "page_id", "route"),
    [
        ("/", None, "/"),
        ("/abs", "ignored", "/abs"),
        ("rel", "ignored", "/b/rel"),
        ("./rel/", None, "/b/rel/"),
        ("../up", None, "/up"),
        ("../../../up/", None, "/up/"),
        (".", None, "/b/"),
        ("..", None, "/"),
        ("a/./b/../c", None, "/b/a/c"),
        (None, "my-id", "/b/my-id"),
        ("", "my-id", "/b/my-id"),
    ],
)
def test_front_matter_wins_over_the_file_name(
    slug: str | None, page_id: str | None, route: str
) -> None:
    assert route_of("01-b/02-page.md", slug=slug, page_id=page_id) == route


def test_index_page_of_a_folder_keeps_the_folder_whatever_its_id() -> None:
    assert route_of("guides/index.md", slug=None, page_id="my-id") == "/guides/"


def test_number_of_a_file_stays_where_its_page_says_so() -> None:
    assert route_of("01-b/02-page.md", slug=None, page_id=None, strip_numbers=False) == "/b/02-page"
