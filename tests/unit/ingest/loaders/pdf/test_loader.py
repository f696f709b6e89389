"""PDFs that are written on the spot."""

import random

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Source, UnreadableSource
from proxy.ingest.loaders.pdf.loader import load
from tests.support.pdf import Mark, Text, column, pdf

_LONG = "These words fill a line from its beginning to its very end"


def _load(data: bytes) -> Document:
    document = load(Source("a/guide.pdf", data))
    assert isinstance(document, Document)
    return document


def _text(*texts: Text) -> str:
    (section,) = _load(pdf([texts])).sections
    return section.markdown


def test_lines_become_paragraphs() -> None:
    first = column(f"{_LONG}\nand go on below it.", top=700)
    second = column("Another paragraph.", top=660)
    assert _text(*first, *second) == f"{_LONG} and go on below it.\n\nAnother paragraph."


def test_indentation_parts_paragraphs_too() -> None:
    texts = [*column(f"{_LONG}\nto here."), Text("Then another", 84, 676), Text("one.", 72, 664)]
    assert _text(*texts) == f"{_LONG} to here.\n\nThen another one."


def test_ligatures_are_letters_and_parted_words_whole() -> None:
    text = (
        "The e\ufb01cient \ufb02ow of infor-\nmation is well-known to be a well-\nknown "
        "state-of-the-\nart matter, says Mid-\nWest."
    )
    assert _text(*column(text)) == (
        "The eficient flow of information is well-known to be a well-known state-of-the-art matter,"
        " says Mid-West."
    )


def test_two_columns_are_read_one_after_the_other() -> None:
    left = column("\n".join(f"left line {n} of the first column" for n in range(12)), top=650)
    right = column(
        "\n".join(f"right line {n} of the second one" for n in range(12)), left=330, top=650
    )
    title = Text(
        "A line that runs over the whole width of both of the columns below it, far", 72, 700
    )
    foot = Text(
        "And one that closes them, as wide as the first one was, or a little wider yet", 72, 400
    )
    mixed = [text for pair in zip(left, right, strict=True) for text in pair]
    text = _text(title, *mixed, foot)
    places = [text.index(word) for word in ("A line", "left line 11", "right line 0", "And one")]
    assert places == sorted(places)


def test_a_table_of_two_narrow_columns_stays_in_rows() -> None:
    rows = [
        text
        for n in range(8)
        for text in (Text(f"key{n}", 72, 700 - 20 * n), Text(f"value {n}", 300, 700 - 20 * n))
    ]
    text = _text(*rows)
    assert all(f"key{n} value {n}" in text for n in range(8))


def test_headings_come_from_the_outline() -> None:
    marks = [
        Mark("First things", 0, 720, (Mark("Deeper", 0, 640), Mark("Not in the text", 1, 650))),
        Mark("LAST", 1, 560),
    ]
    pages = [
        [
            Text("CHAPTER", 72, 740),
            Text("ONE", 72, 726),
            Text("1 First", 72, 700, 20),
            Text("things", 72, 678, 20),
            *column("Text one.", top=660),
            Text("1.1 Deeper", 72, 630, 14),
            *column("Text two.", top=610),
        ],
        [
            *column("Goes on over the page.", top=700),
            *column("Named by nobody.", top=640),
            Text("LAST", 72, 550, 20),
            *column("The end.", top=520),
        ],
    ]
    page = _load(pdf(pages, outline=marks, title="The Guide"))
    assert page.title == "The Guide"
    assert page.route == "/a/guide.pdf"
    assert [(s.heading_path[1:], s.anchor, s.markdown) for s in page.sections] == [
        (("1 First things",), "page=1", "Text one."),
        (("1 First things", "1.1 Deeper"), "page=1&zoom=100,0,640", "Text two."),
        (("1 First things", "1.1 Deeper"), "page=2", "Goes on over the page."),
        (("1 First things", "Not in the text"), "page=2&zoom=100,0,647", "Named by nobody."),
        (("LAST",), "page=2&zoom=100,0,565", "The end."),
    ]


def test_without_an_outline_larger_lines_are_headings() -> None:
    page = _load(
        pdf(
            [
                [
                    Text("The Title", 72, 740, 24),
                    *column(f"{_LONG}.", top=700),
                    Text("A section", 72, 670, 14),
                    *column(f"{_LONG} again.", top=640),
                    Text("Another", 72, 610, 14),
                    *column(f"{_LONG} too.", top=580),
                ]
            ]
        )
    )
    assert page.title == "The Title"
    assert [section.heading_path for section in page.sections] == [
        ("The Title",),
        ("The Title", "A section"),
        ("The Title", "Another"),
    ]


def test_running_heads_page_numbers_and_contents_are_left_out() -> None:
    def page(n: int) -> list[Text]:
        head = "Chapter One" if n < 4 else "Only here"
        return [
            Text(head, 72, 760),
            *column(f"{_LONG} {chr(97 + n)}."),
            Text(f"Page {n + 1}", 300, 30),
        ]

    contents = column("\n".join(f"Heading {n} . . . . . . . {n}" for n in range(8)))
    text = "\n".join(s.markdown for s in _load(pdf([contents, *map(page, range(5))])).sections)
    assert text == "\n".join(f"{_LONG} {chr(97 + n)}." for n in range(5))


def test_a_paragraph_goes_on_over_the_page_where_it_began() -> None:
    pages = [column(f"{_LONG}\nand it is far from being", top=100), column("over. New one.")]
    (section,) = _load(pdf(pages)).sections
    assert section.anchor == "page=1"
    assert section.markdown == f"{_LONG} and it is far from being over. New one."


def test_items_are_items_and_code_keeps_its_indentation() -> None:
    texts = [
        Text("• one", 72, 700),
        Text("• two", 72, 688),
        Text("3. three", 72, 676),
        Text("def f():", 72, 650, is_mono=True),
        Text("return 1", 96, 638, is_mono=True),
    ]
    assert _text(*texts) == "- one\n\n- two\n\n3. three\n\n```\ndef f():\n    return 1\n```"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is damaged, or is no PDF"),
        (b"%PDF-1.7\nnothing", "is damaged, or is no PDF"),
        (pdf([[]]), "holds no text"),
        (pdf([[Text("x")]])[:200], "is damaged, or is no PDF"),
    ],
)
def test_what_cannot_be_read_says_why_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as failure:
        _load(data)
    assert "\n" not in failure.value.message


def test_broken_bytes_never_do_more_than_fail() -> None:
    good = pdf([column(f"{_LONG}.")], outline=[Mark("A", 0, 700)])
    dice = random.Random(1)  # noqa: S311 - the same damage in every run
    read = 0
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read += len(_load(bytes(data)).sections) > 0
        except UnreadableSource:
            continue
    assert read > 0


def test_a_title_that_names_a_program_or_a_file_is_none() -> None:
    for title in ("Microsoft Word - x.doc", "guide.dvi", "untitled", ""):
        assert _load(pdf([column(f"{_LONG}.")], title=title)).title == "guide"
