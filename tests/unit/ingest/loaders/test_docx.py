"""Word documents, made with the library that reads them, and damaged ones."""

import io
from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
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


_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
_SPACES = " ".join(f'xmlns:{name}="{address}"' for name, address in _NAMESPACES.items())


def _xml(source: str) -> Any:
    """Return an element of a document."""
    body: Any = parse_xml(f"<w:body {_SPACES}>{source}</w:body>")
    return body[0]


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("piece", "shown"),
    [
        (f"<w:ins>{_run('put in')}</w:ins>", "a put in z"),
        ("<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>", "a  z"),
        (f"<w:moveFrom>{_run('moved')}</w:moveFrom>", "a  z"),
        (f"<w:sdt><w:sdtContent>{_run('chosen')}</w:sdtContent></w:sdt>", "a chosen z"),
        (f'<w:fldSimple w:instr="REF x">{_run("figure 1")}</w:fldSimple>', "a figure 1 z"),
        ("<m:oMath><m:r><m:t>E=m</m:t></m:r></m:oMath>", "a E=m z"),
    ],
)
def test_text_is_read_whatever_it_is_wrapped_in(piece: str, shown: str) -> None:
    made: Any = docx.Document()
    paragraph = made.add_paragraph("a ")
    paragraph._p.append(_xml(piece))
    paragraph.add_run(" z")
    assert _load(made).sections[0].markdown == shown


def test_content_controls_boxes_and_tables_in_cells_are_read_once() -> None:
    made: Any = docx.Document()
    inside = f"<w:txbxContent><w:p>{_run('in a box')}</w:p></w:txbxContent>"
    shape = f"<w:pict><v:textbox>{inside}</v:textbox></w:pict>"
    twice = f"<mc:Choice>{shape}</mc:Choice><mc:Fallback>{shape}</mc:Fallback>"
    box = (
        f"<w:p><w:r><mc:AlternateContent>{twice}</mc:AlternateContent></w:r>{_run('anchor')}</w:p>"
    )
    control = f"<w:sdt><w:sdtContent><w:p>{_run('in a control')}</w:p></w:sdtContent></w:sdt>"
    for piece in (control, box):
        made.element.body.sectPr.addprevious(_xml(piece))
    cell = made.add_table(1, 2).cell(0, 0)
    cell.text = "outer"
    cell.add_table(1, 1).cell(0, 0).text = "inner"
    text = _load(made).sections[0].markdown
    assert text.startswith("in a control\n\nanchor\n\nin a box\n\n| outer inner |  |")


def test_headings_in_styles_of_their_own_and_no_list_of_pages() -> None:
    made: Any = docx.Document()
    based = made.styles.add_style("Chapter", WD_STYLE_TYPE.PARAGRAPH)
    based.base_style = made.styles["Heading 2"]
    outlined = made.styles.add_style("Deep", WD_STYLE_TYPE.PARAGRAPH)
    outlined.element.get_or_add_pPr().append(_xml('<w:outlineLvl w:val="2"/>'))
    plain = made.styles.add_style("Plain", WD_STYLE_TYPE.PARAGRAPH)
    plain.element.get_or_add_pPr().append(_xml('<w:outlineLvl w:val="9"/>'))
    made.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    made.add_paragraph("Contents", style="TOC Heading")
    made.add_paragraph("One\t3", style="toc 1")
    for text, style in (("One", "Chapter"), ("Two", "Deep"), ("text", "Plain")):
        made.add_paragraph(text, style=style)
    page = _load(made)
    assert [(s.heading_path, s.markdown) for s in page.sections] == [
        (("plan", "One"), ""),
        (("plan", "One", "Two"), "text"),
    ]


def test_raised_numbers_keep_their_place() -> None:
    made: Any = docx.Document()
    paragraph = made.add_paragraph("10")
    for text, is_raised in (("6", True), (" on the 2", False), ("nd", True), (" 7", True)):
        paragraph.add_run(text).font.superscript = is_raised
    assert _load(made).sections[0].markdown == "10^6 on the 2nd 7"


def _with_footnotes(xml: bytes) -> Any:
    made: Any = docx.Document()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, xml, made.part.package)
    made.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    paragraph = made.add_paragraph("Said")
    paragraph._p.append(_xml('<w:r><w:footnoteReference w:id="2"/></w:r>'))
    paragraph.add_run(" so.")
    return made


def test_footnotes_stand_below_their_paragraph() -> None:
    notes = (
        f'<w:footnotes {_SPACES}><w:footnote w:id="2"><w:p>{_run("By  Ann.")}</w:p></w:footnote>'
    )
    made = _with_footnotes(f"{notes}</w:footnotes>".encode())
    assert _load(made).sections[0].markdown == "Said[^2] so.\n\n[^2]: By Ann."


def test_footnotes_in_a_table_stand_below_it_with_their_paragraphs_apart() -> None:
    paragraphs = f"<w:p>{_run('By')}</w:p><w:p>{_run('Ann.')}</w:p>"
    notes = f'<w:footnotes {_SPACES}><w:footnote w:id="2">{paragraphs}</w:footnote></w:footnotes>'
    made = _with_footnotes(notes.encode())
    table = made.add_table(1, 1)
    table.cell(0, 0)._tc.append(made.paragraphs[0]._p)
    assert _load(made).sections[0].markdown == "| Said[^2] so. |\n| --- |\n\n[^2]: By Ann."


def test_a_box_in_a_cell_is_read_once() -> None:
    inside = f"<w:txbxContent><w:p>{_run('boxed')}</w:p></w:txbxContent>"
    box = f"<w:pict><v:textbox>{inside}</v:textbox></w:pict>"
    both = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    made: Any = docx.Document()
    made.add_table(1, 1).cell(0, 0)._tc.append(
        _xml(f"<w:p><w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r></w:p>")
    )
    assert _load(made).sections[0].markdown == "| boxed |\n| --- |"


def test_damaged_footnotes_are_refused_in_one_line() -> None:
    with pytest.raises(UnreadableSource, match="footnotes"):
        _load(_with_footnotes(b"<w:footnotes"))


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


def test_styles_based_on_each_other_in_a_circle_are_no_heading() -> None:
    made: Any = docx.Document()
    one, other = (made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) for name in "AB")
    one.base_style, other.base_style = other, one
    made.add_paragraph("text", style="A")
    assert _load(made).sections[0].markdown == "text"


@pytest.mark.parametrize(
    ("level", "path"), [("0", ("T",)), ("9", ("plan",)), ("\u00b2", ("plan",)), ("", ("plan",))]
)
def test_an_outline_level_is_one_digit(level: str, path: tuple[str, ...]) -> None:
    made: Any = docx.Document()
    style = made.styles.add_style("Own", WD_STYLE_TYPE.PARAGRAPH)
    style.element.get_or_add_pPr().append(_xml(f'<w:outlineLvl w:val="{level}"/>'))
    made.add_paragraph("T", style="Own")
    made.add_paragraph("text")
    assert _load(made).sections[0].heading_path == path


def test_the_number_of_a_list_style_is_a_digit() -> None:
    made: Any = docx.Document()
    made.styles.add_style("List x\u00b2", WD_STYLE_TYPE.PARAGRAPH)
    made.add_paragraph("one", style="List x\u00b2")
    assert _load(made).sections[0].markdown == "- one"
