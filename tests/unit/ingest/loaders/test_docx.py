"""Word documents, made with the library that reads them, and damaged ones."""

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from proxy.corpus import Document
from proxy.ingest.loaders.base import Skipped, Source, UnreadableSource
from proxy.ingest.loaders.docx import load
from tests.support.archives import archive


def _saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _load(document: Any) -> Document:
    page = load(Source("a/plan.docx", _saved(document)))
    assert isinstance(page, Document)
    return page


def test_headings_paragraphs_lists_and_tables() -> None:
    made: Any = docx.Document()
    made.add_heading("The Plan", 0)
    made.add_paragraph("Intro.")
    made.add_heading("Steps", 1)
    made.add_paragraph("one", style="List Bullet")
    made.add_paragraph("deeper", style="List Bullet 2")
    made.add_paragraph("first", style="List Number")
    table = made.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "A|B", "C", "1"
    merged = made.add_table(rows=1, cols=2)
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "wide"
    made.add_table(rows=1, cols=1)
    made.add_heading("Steps", 2)
    made.add_heading(" ", 2)
    page = _load(made)
    assert (page.title, page.route) == ("The Plan", "/a/plan.docx")
    assert [(s.heading_path, s.anchor) for s in page.sections] == [
        (("The Plan",), "the-plan"),
        (("The Plan", "Steps"), "steps"),
        (("The Plan", "Steps", "Steps"), "steps-1"),
    ]
    assert page.sections[1].markdown == (
        "- one\n   - deeper\n1. first\n\n| A\\|B | C |\n| --- | --- |\n| 1 |  |\n\n"
        "| wide |\n| --- |"
    )


def test_code_is_known_by_its_style_or_its_font() -> None:
    made: Any = docx.Document()
    made.core_properties.title = "Named"
    for line in ("a = 1", "  b"):
        made.add_paragraph().add_run(line).font.name = "Courier New"
    made.add_paragraph("after")
    page = _load(made)
    assert page.title == "Named"
    assert page.sections[0].markdown == "```\na = 1\n  b\n```\n\nafter"


def test_items_that_only_their_numbering_makes_items() -> None:
    made: Any = docx.Document()
    paragraph = made.add_paragraph("one")
    numbering = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    numbering.get_or_add_ilvl().val = 1
    assert _load(made).sections[0].markdown == "   - one"


def test_text_of_links_is_read_and_hidden_text_noted() -> None:
    made: Any = docx.Document()
    paragraph = made.add_paragraph("see ")
    link = paragraph._p.makeelement(qn("w:hyperlink"), {})
    run = paragraph.add_run("there")
    link.append(run._r)
    paragraph._p.append(link)
    made.add_paragraph().add_run("secret").font.hidden = True
    page = _load(made)
    assert page.sections[0].markdown == "see there"
    assert page.hidden == ("secret",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        archive({"a": "b"}),
        archive({"[Content_Types].xml": "<a"}),
        archive({"[Content_Types].xml": "<Types/>"}),
        _saved(docx.Document())[:-500],
    ],
)
def test_what_is_no_word_document_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadableSource, match="is no Word document") as failure:
        load(Source("a.docx", data))
    assert "\n" not in failure.value.message


def test_a_document_without_text_is_skipped() -> None:
    assert load(Source("a.docx", _saved(docx.Document()))) == Skipped("no text")
