"""Expected anchors were computed with github-slugger 2.0.0 under Node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.loaders.slugs import Slugger, slug


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("Getting Started", "getting-started"),
        ("What? (really!) [brackets]", "what-really-brackets"),
        ("C++ & C#", "c--c"),
        ("snake_case __init__", "snake_case-__init__"),
        ("a  b", "a--b"),
        (" leading", "-leading"),
        ("a\nb\tc", "abc"),
        ("Ünïcödé – „quotes“ … ½ ² ①", "ünïcödé--quotes----"),
        ("日本語 の 見出し", "日本語-の-見出し"),
        ("Ⅳ ⓐ 🅰 🚀", "ⅳ-ⓐ-🅰-"),
        ("हिन्दी ٣", "हिन्दी-٣"),
        ("x‿y a­b", "x‿y-ab"),
        ("ΣΑΣ İ", "σας-i̇"),
        ("🚀", ""),
        ("`code` <T>", "code-t"),
        ("1.2.3", "123"),
    ],
)
def test_anchor_is_what_github_slugger_makes(text: str, anchor: str) -> None:
    assert slug(text) == anchor


def test_equal_headings_get_numbers_that_skip_those_taken() -> None:
    slugger = Slugger()
    texts = ["Foo", "foo-1", "Foo", "Foo", "foo-1"]
    assert [slugger.unique(text) for text in texts] == ["foo", "foo-1", "foo-2", "foo-3", "foo-1-1"]


@given(st.lists(st.text(alphabet="ab-1 !", max_size=4), max_size=30))
def test_no_anchor_comes_twice_on_a_page(texts: list[str]) -> None:
    slugger = Slugger()
    anchors = [slugger.unique(text) for text in texts]
    assert len(set(anchors)) == len(anchors)


@given(st.text())
def test_anchor_holds_no_space_and_is_its_own_anchor(text: str) -> None:
    anchor = slug(text)
    assert " " not in anchor
    assert slug(anchor) == anchor
