"""Documents to chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.corpus import Document, Section, chunk_id_for
from proxy.ingest.chunker import TokenBudget, chunk_document, page_url
from tests.unit.ingest.test_blocks import MARKDOWN


def _words(text: str) -> int:
    return len(text.split())


def _document(*sections: Section) -> Document:
    return Document("a/b.md", "Title", "/a/b", sections)


def test_chunks_know_their_place() -> None:
    document = _document(
        Section(("Title",), "", "intro"),
        Section(("Title", "A"), "a", "first " * 200 + "\n\n" + "second " * 100),
        Section(("Title", "B"), "b", ""),
        Section(("Title", "B", "C"), "c", "deep"),
    )
    chunks = chunk_document(document, book="bk", base_url="https://x.y/d/", count_tokens=_words)
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.anchor for chunk in chunks] == ["", "a", "a", "c"]
    assert [chunk.section_chunks for chunk in chunks] == [1, 2, 2, 1]
    assert [chunk.url for chunk in chunks] == [
        "https://x.y/d/a/b",
        *["https://x.y/d/a/b#a"] * 2,
        "https://x.y/d/a/b#c",
    ]
    assert chunks[3].heading_path == ("Title", "B", "C")
    assert chunks[2].chunk_id == chunk_id_for("bk", "a/b.md", "a", 1)
    assert {(c.book, c.document_id, c.title) for c in chunks} == {("bk", "a/b.md", "Title")}


@pytest.mark.parametrize(
    ("path", "chapter"),
    [
        ("page.md", ""),
        ("docs/page.md", ""),
        ("02-getting-started/page.md", "getting started"),
        ("docs/1. Basics/02_more/page.md", "Basics › more"),
        ("python-3.11-notes/page.md", "python 3.11 notes"),
        ("version-1.0/page.md", "version 1.0"),
        ("2024-11-05/page.md", "2024 11 05"),
        ("7.0-changes/page.md", "7.0 changes"),
    ],
)
def test_chapters_are_what_folders_are_called(path: str, chapter: str) -> None:
    document = Document(path, "Title", "/page", (Section(("Title",), "", "text"),))
    (chunk,) = chunk_document(document, book="bk", base_url=None, count_tokens=_words)
    assert chunk.chapter == chapter


def test_a_document_may_name_its_chapter_otherwise() -> None:
    sections = (Section(("Guides", "Title"), "", "text"),)
    for path, header in (("", "Guides › Title"), ("a/x.md", "a › Guides › Title")):
        document = Document("website/guides/x.md", "Title", "/x", sections, path)
        (chunk,) = chunk_document(document, book="bk", base_url=None, count_tokens=_words)
        assert chunk.header == header


@given(st.lists(MARKDOWN, max_size=6))
def test_places_of_chunks_cover_the_page_once_and_in_order(texts: list[str]) -> None:
    sections = (Section(("T",), str(number), text) for number, text in enumerate(texts))
    document = _document(*sections)
    budget = TokenBudget(target=12, maximum=16)
    chunks = chunk_document(document, book="b", base_url=None, count_tokens=_words, budget=budget)
    ends = [0, *(chunk.end_char for chunk in chunks)]
    starts = [*(chunk.start_char for chunk in chunks), len(document.text)]
    between = "".join(document.text[a:b] for a, b in zip(ends, starts, strict=True))
    assert all(end <= start for end, start in zip(ends, starts, strict=True))
    assert not between.strip()


@given(
    st.lists(st.lists(st.sampled_from(["One two. ", "Three\n", "\n\n", "- four\n"])), max_size=6)
)
def test_a_chunk_of_prose_stands_at_its_place_on_the_page(texts: list[list[str]]) -> None:
    document = _document(*(Section(("T",), "a", "".join(text)) for text in texts))
    for chunk in chunk_document(document, book="b", base_url=None, count_tokens=_words):
        assert document.text[chunk.start_char : chunk.end_char] == chunk.text


def test_chunks_of_sections_with_one_anchor_have_ids_of_their_own() -> None:
    document = _document(Section(("T",), "", "above"), Section(("T", "U"), "", "below"))
    chunks = chunk_document(document, book="bk", base_url=None, count_tokens=_words)
    assert [chunk.chunk_id for chunk in chunks] == [
        chunk_id_for("bk", "a/b.md", "", ordinal) for ordinal in (0, 1)
    ]
    assert [chunk.url for chunk in chunks] == [None, None]
    assert [chunk.section_chunks for chunk in chunks] == [2, 2]


def test_heading_path_counts_in_the_budget() -> None:
    section = Section(("Title", "word " * 10), "a", "One two three four five. " * 20)
    budget = TokenBudget(target=30, maximum=40)
    document = _document(section)
    chunks = chunk_document(document, book="bk", base_url=None, count_tokens=_words, budget=budget)
    assert len(chunks) > 1
    assert all(_words(chunk.indexed_text) <= 40 for chunk in chunks)


def test_heading_longer_than_a_chunk_leaves_room_for_text() -> None:
    section = Section(("word " * 500,), "a", "text " * 300)
    chunks = chunk_document(_document(section), book="bk", base_url=None, count_tokens=_words)
    assert len(chunks) == 6
    assert sum(chunk.text.count("text") for chunk in chunks) == 300


@pytest.mark.parametrize(
    ("base_url", "route", "anchor", "url"),
    [
        ("https://x.y", "/", "", "https://x.y/"),
        ("https://x.y/docs/", "/", "a", "https://x.y/docs/#a"),
        (
            "https://x.y/docs",
            "/a b/größe",
            "日本",
            "https://x.y/docs/a%20b/gr%C3%B6%C3%9Fe#%E6%97%A5%E6%9C%AC",
        ),
        ("https://x.y", "/a%20b/c?d#e", "x-(y)", "https://x.y/a%20b/c%3Fd%23e#x-(y)"),
    ],
)
def test_address_is_encoded_as_browsers_do(
    base_url: str, route: str, anchor: str, url: str
) -> None:
    assert page_url(base_url, route, anchor) == url
