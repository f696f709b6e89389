"""Pages as Docusaurus publishes them.

Anchors were compared with those that @docusaurus/mdx-loader 3.10.2 gives the same text.
"""

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.markdown import load


def _load(text: str, document_id: str = "page.md") -> Document:
    document = load(Source(document_id, text.encode()))
    assert isinstance(document, Document)
    return document


def _anchors(text: str, document_id: str = "page.md") -> list[str]:
    return [section.anchor for section in _load(text, document_id).sections]


def test_page_becomes_sections_with_their_heading_paths() -> None:
    page = _load("# Guide\n\nintro\n\n## A\n\na text\n\n### A1\n\n### A2\ndeep\n## B\n\nb text\n")
    assert page.title == "Guide"
    assert page.route == "/page"
    assert [(s.heading_path, s.anchor, s.markdown) for s in page.sections] == [
        (("Guide",), "", "intro"),
        (("Guide", "A"), "a", "a text"),
        (("Guide", "A", "A1"), "a1", ""),
        (("Guide", "A", "A2"), "a2", "deep"),
        (("Guide", "B"), "b", "b text"),
    ]


def test_text_above_the_first_heading_is_a_section_of_the_page() -> None:
    page = _load("above\n\n## A\n\nbelow")
    assert [(s.heading_path, s.anchor) for s in page.sections] == [
        (("page",), ""),
        (("page", "A"), "a"),
    ]


def test_page_without_headings_is_one_section() -> None:
    assert [s.markdown for s in _load("just text\n").sections] == ["just text"]
    assert [s.markdown for s in _load("<Component />\n").sections] == [""]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Front\n---\n# First", "Front"),
        ("---\ntitle: 7.0\n---\n", "7.0"),
        ("# *First* `h1`", "First h1"),
        ("## Second\n# First", "intro"),
        ("#\n\ntext", "intro"),
        ("text", "intro"),
    ],
)
def test_title_is_of_the_front_matter_or_first_heading_or_file(text: str, title: str) -> None:
    page = load(Source("a/intro.md", (text + "\n\ntext").encode()))
    assert isinstance(page, Document)
    assert page.title == title


def test_first_heading_that_differs_from_the_title_stays_in_the_path() -> None:
    page = _load("---\ntitle: Short\n---\n# The long title\n\n## A\n\ntext")
    assert page.sections[-1].heading_path == ("Short", "The long title", "A")


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## Foo `bar` *baz*", "foo-bar-baz"),
        ("## A [link](http://x.y) and ![img alt](x.png)", "a-link-and-img-alt"),
        ("## **Bold** ~~del~~ \\*esc\\*", "bold-del-esc"),
        ("## Trailing ##", "trailing"),
        ("## &amp; entity &copy;", "-entity-"),
        ("## Explicit {#My-id}", "My-id"),
        ("## {#only}", "only"),
        ("## Comment {/* #other-id */}", "other-id"),
        ("## Code `a {#b}` x", "code-a-b-x"),
        ("## Foo {1 + 1} bar", "foo-1--1-bar"),
        ("## foo:bar directive", "foo-directive"),
        ("## At 10:30 a::b", "at-1030-ab"),
        ("## Emoji :rocket: 🚀", "emoji-rocket-"),
        ("## Footnote[^1]", "footnote"),
        ("## a <Badge type='x'>New</Badge><div>er</div>", "a-newer"),
        ("Two\n*lines*\n---", "twolines"),
        ("## [ref]\n\n[ref]: http://x.y", "ref"),
        ("#### __init__ snake_case", "init-snake_case"),
        ("## 日本語 の", "日本語-の"),
    ],
)
def test_anchor_is_what_docusaurus_makes(heading: str, anchor: str) -> None:
    assert _anchors(f"{heading}\n\ntext\n", "page.mdx") == [anchor]


def test_anchors_are_counted_over_titles_quotes_and_lists_too() -> None:
    text = "# Foo\n\n## Foo\n\n> ## Foo\n\n- ## Foo\n\n:::note\n\n## Foo\n\n:::\n\n## Foo {#foo}\n"
    assert _anchors(text) == ["", "foo-1", "foo-4", "foo"]


def test_titles_have_no_anchor_however_many() -> None:
    assert _anchors("# One\n\n# Two\n\n## three\n") == ["", "", "three"]


def test_heading_in_a_quote_or_list_begins_no_section() -> None:
    page = _load("## A\n\n> ## quoted\n\n- ## listed\n")
    assert [section.markdown for section in page.sections] == ["> ## quoted\n\n- ## listed"]


def test_hashes_in_code_are_no_headings() -> None:
    page = _load("## A\n\n```sh\n# not\n```\n\n    # nor this\n")
    assert len(page.sections) == 1


def test_heading_that_a_component_indents_is_one() -> None:
    text = (
        "<Tabs>\n<TabItem value='a' label='A'>\n\n    ## In tab\n\n    x\n\n</TabItem>\n</Tabs>\n"
    )
    (section,) = _load(text).sections
    assert (section.anchor, section.markdown) == ("in-tab", "**A**\n\n    x")


def test_rules_between_sections_are_no_text() -> None:
    page = _load("## A\n\ntext\n\n---\n\n***\n\n## B\n\n---\n\nmore\n\n---\n")
    assert [section.markdown for section in page.sections] == ["text", "---\n\nmore"]


def test_front_matter_decides_the_route() -> None:
    assert _load("---\nslug: /other\n---\ntext", "a/b.md").route == "/other"
    assert _load("---\nid: other\n---\ntext", "a/b.md").route == "/a/other"
    page = _load("---\nparse_number_prefixes: false\n---\ntext", "01-a/02-b.md")
    assert page.route == "/a/02-b"


def test_id_with_a_slash_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="slash"):
        load(Source("a.md", b"---\nid: a/b\n---\ntext"))


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"---\ndraft: true\n---\ntext", "a draft"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\t\n", "empty"),
        (b"---\ntitle: x\n---\n\n", "empty"),
    ],
)
def test_drafts_and_empty_files_are_no_documents(data: bytes, note: str) -> None:
    assert load(Source("a.md", data)) == Skipped(note)


def test_broken_front_matter_fails_even_a_draft() -> None:
    with pytest.raises(UnreadableSource):
        load(Source("a.md", b"---\ndraft: true\nbad: [\n---\n"))


def test_nesting_and_repetition_without_measure_are_read() -> None:
    page = _load(("> " * 3_000) + "deep\n\n" + "- " * 3_000 + "deep\n\n")
    assert sum(section.markdown.count("deep") for section in page.sections) == 2
    assert len(_load("## A\n" * 3_000).sections) == 3_000


def test_heading_below_lists_nested_twenty_deep_is_found() -> None:
    lists = "".join(f"{'  ' * depth}- x\n" for depth in range(20))
    assert _anchors(f"{lists}\n## A\n") == ["", "a"]
