"""Debian's manuals in the formats they are published in, read whole."""

from pathlib import Path

import pytest

from proxy.corpus import Document
from proxy.ingest.blocks import close_fences
from proxy.ingest.chunker import chunk_document
from proxy.ingest.linter import lint
from tests.support.books import read_book
from tests.support.debian import NoPackage, unpacked


def _book(package: str, path: str) -> list[Document]:
    try:
        place = unpacked(package)
    except NoPackage as exc:
        pytest.skip(f"{package} is not to be had: {exc}")
    documents, failures = read_book(place / "usr/share" / path)
    assert failures == []
    return documents


def _check(documents: list[Document]) -> None:
    """Assert what holds for every book."""
    for document in documents:
        anchors = [section.anchor for section in document.sections if section.anchor]
        assert "page=" in "".join(anchors) or len(set(anchors)) == len(anchors)
        assert lint(document) == []
        chunks = chunk_document(
            document, book="b", base_url="https://b.example", count_tokens=lambda t: len(t) // 4
        )
        assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
        for chunk in chunks:
            assert close_fences(chunk.text).rstrip() == chunk.text
            assert "</" not in chunk.text or "```" in chunk.text or "`" in chunk.text


def _section(documents: list[Document], *path: str) -> str:
    """Return the text below the headings whose names contain `path`."""
    found = [
        section.markdown
        for document in documents
        for section in document.sections
        if len(section.heading_path) >= len(path)
        and all(a in b for a, b in zip(path[::-1], section.heading_path[::-1], strict=False))
    ]
    assert found, path
    return "\n".join(found)


def test_the_policy_says_the_same_as_epub_and_as_html() -> None:
    epub = _book("debian-policy", "doc/debian-policy/policy.epub")
    html = _book("debian-policy", "doc/debian-policy/policy.html")
    _check(epub)
    _check(html)
    assert len(epub) > 20
    for name in ("Essential packages", "Translations"):
        sides = [_section(documents, name) for documents in (epub, html)]
        assert sides[0] == sides[1] != ""


def test_the_developers_reference_is_read_from_its_pdf() -> None:
    pdf = _book("developers-reference", "developers-reference/developers-reference.pdf")
    html = _book("developers-reference", "developers-reference")
    _check(pdf)
    (document,) = pdf
    assert len(document.sections) > 250
    text = "\n".join(section.markdown for section in document.sections)
    assert not any(ligature in text for ligature in "\ufb00\ufb01\ufb02\ufb03\ufb04\u00ad")
    assert ". . . . ." not in text
    words = set(_section(html, "Debian mentors and sponsors").lower().split())
    seen = set(_section(pdf, "Debian mentors and sponsors").lower().split())
    assert len(words & seen) > 0.8 * len(words)


def test_the_rust_book_is_read_from_its_pages() -> None:
    documents = _book("rust-doc", "doc/rust-doc/html/book")
    _check(documents)
    assert len(documents) > 100
    ownership = _section(documents, "Ownership Rules")
    assert "- Each value in Rust has an" in ownership
    assert any(
        "```rust" in section.markdown for document in documents for section in document.sections
    )


def test_the_handbook_is_read_page_by_page() -> None:
    documents = _book("debian-handbook", "doc/debian-handbook/html/en-US")
    _check(documents)
    assert len(documents) > 100


def test_nothing_is_left_behind_where_a_package_is_not_there() -> None:
    with pytest.raises(NoPackage):
        unpacked("no-such-package-of-debian")
    assert not (Path(__file__).parents[2] / ".cache/debian/no-such-package-of-debian").exists()
