"""Plain text."""

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.text import load


def _load(text: str) -> Document:
    document = load(Source("a/notes.txt", text.encode()))
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A Short Line\n\ntext", "A Short Line"),
        ("This is a sentence.\n\ntext", "notes"),
        (f"{'word ' * 30}\ntext", "notes"),
        ("The Project Gutenberg eBook\n\nTitle: Walden\n\nAuthor: T", "Walden"),
    ],
)
def test_the_title_is_a_first_line_that_looks_like_one(text: str, title: str) -> None:
    page = _load(text)
    assert (page.title, page.route) == (title, "/a/notes.txt")
    assert page.sections[0].heading_path == (title,)


def test_what_markdown_would_take_for_markup_is_text() -> None:
    assert _load("T\n# not a heading\n```\n#5 is one\f~~~").sections[0].markdown == (
        "T\n\\# not a heading\n\\```\n#5 is one\n\\~~~"
    )


def test_text_without_text_is_skipped_and_bytes_refused() -> None:
    assert load(Source("a.txt", b" \n\f\n")) == Skipped("empty")
    with pytest.raises(UnreadableSource, match="NUL"):
        load(Source("a.txt", b"\x7fELF\0"))
