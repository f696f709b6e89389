"""EPUBs, good and bad."""

from pathlib import Path

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Source, SourceFile, UnreadableSource
from proxy.ingest.loaders.epub import pages
from proxy.ingest.loaders.registry import format_of
from tests.support.archives import archive, epub

_PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1 id="t">{0}</h1><p>{0} text</p></body>'


def _file(folder: Path, data: bytes) -> SourceFile:
    path = folder / "b.epub"
    path.write_bytes(data)
    return SourceFile(path, "lib/b.epub")


def test_the_spine_gives_the_pages_in_order(tmp_path: Path) -> None:
    data = epub({"z%20z.xhtml": _PAGE.format("Z"), "text/a.xml": _PAGE.format("A")})
    first, second = pages(_file(tmp_path, data))
    assert (first.document_id, second.document_id) == (
        "lib/b.epub/OPS/z z.xhtml",
        "lib/b.epub/OPS/text/a.xml",
    )
    assert second.label == f"{tmp_path}/b.epub/OPS/text/a.xml"
    document = format_of(second.document_id).load(Source(second.document_id, second.read()))
    assert isinstance(document, Document)
    assert (document.title, document.route) == ("A", "/lib/b.epub/OPS/text/a.xml")
    assert document.sections[0].markdown == "A text"


_GOOD = {"a.xhtml": _PAGE.format("A")}
_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


def test_headers_and_notes_of_a_page_are_content_and_its_folders_no_chapter(
    tmp_path: Path,
) -> None:
    body = '<header><h1 id="one">One</h1></header><p>text</p><aside><p>1. A note.</p></aside>'
    (page,) = pages(_file(tmp_path, epub({"a.xhtml": f"<html><body>{body}</body></html>"})))
    document = format_of(page.document_id).load(Source(page.document_id, page.read()))
    assert isinstance(document, Document)
    (section,) = document.sections
    assert (section.anchor, section.markdown) == ("one", "text\n\n1. A note.")
    assert document.chapter_path == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no ZIP archive"),
        (b"PK\x03\x04 and nothing more", "is no ZIP archive"),
        (epub(_GOOD)[:-200], "is no ZIP archive"),
        (archive({"a": "b"}), "META-INF/container.xml is not in the archive"),
        (epub({}), "its spine names no page"),
        (epub(_GOOD, **{"META-INF/container.xml": "<a"}), "not well-formed XML"),
        (epub(_GOOD, **{"META-INF/container.xml": "<a/>"}), "is not in the archive"),
        (epub(_GOOD, **{"OPS/package.opf": "<a>" * 1_000}), "not well-formed XML"),
        (epub({"gone.xhtml": b""}).replace(b"OPS/gone", b"OPS/here"), "has no OPS/gone.xhtml"),
        (archive({f"f{n}": b"" for n in range(20_001)}), "unpacks to more than"),
    ],
)
def test_what_is_no_epub_is_refused_in_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as failure:
        pages(_file(tmp_path, data))
    assert "\n" not in failure.value.message


def test_a_page_that_is_missing_fails_alone(tmp_path: Path) -> None:
    book = epub({"a.xhtml": _PAGE.format("A"), "gone.xhtml": b""})
    here, gone = pages(_file(tmp_path, book.replace(b"OPS/gone", b"OPS/here")))
    assert b"A" in here.read()
    with pytest.raises(UnreadableSource, match="is not in the archive"):
        gone.read()


def test_entities_are_neither_multiplied_nor_fetched(tmp_path: Path) -> None:
    package = f"{_ENTITIES}<package>&c;&f;<manifest/><spine/></package>"
    with pytest.raises(UnreadableSource, match="its spine names no page"):
        pages(_file(tmp_path, epub(_GOOD, **{"OPS/package.opf": package})))


def test_a_page_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    (page,) = pages(_file(tmp_path, epub({"a.xhtml": b"\n" * 11 * 1024**2})))
    with pytest.raises(UnreadableSource, match="larger than 10 MB unpacked"):
        page.read()


def test_a_page_that_is_damaged_is_refused(tmp_path: Path) -> None:
    data = bytearray(epub({"a.xhtml": _PAGE.format("A")}))
    at = data.index(b"OPS/a.xhtml") + len("OPS/a.xhtml")
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (page,) = pages(_file(tmp_path, bytes(data)))
    with pytest.raises(UnreadableSource, match="cannot be unpacked"):
        page.read()
