"""Markdown to what a reader of the page sees."""

import pytest

from proxy.rag.verification.plain_text import Line, lines_of, plain, without_item_marker


def test_sentences_items_rows_and_code() -> None:
    markdown = (
        "# Title\nOne sentence that is\nwrapped. Another *one*.\n\n- an item\n- [x] done\n\n"
        "| a | b |\n| --- | --- |\n| 1 | `2` |\n\n```sh\nrun it\n\n```\n> A quotation.\n"
    )
    assert lines_of(markdown) == [
        Line("Title One sentence that is wrapped.", is_prose=True),
        Line("Another one.", is_prose=True),
        Line("an item", is_prose=True),
        Line("done", is_prose=True),
        Line("a; b", is_prose=False),
        Line("a 1; b `2`", is_prose=False),
        Line("run it", is_prose=False),
        Line("A quotation.", is_prose=True),
    ]


def test_markup_goes_and_code_stays() -> None:
    said = "A [link](x), ![image](y), [ref][1], **bold** __too__ <b>b</b> `*_x_*` snake_case"
    assert plain(said) == "A link, image, ref, bold too b `*_x_*` snake_case"


def test_nothing_is_nothing() -> None:
    assert lines_of("") == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("12. Close the lid.", "Close the lid."),
        ("    - left", "left"),
        ("Wait until 20. Then go.", "Wait until 20. Then go."),
    ],
)
def test_the_number_of_an_item_is_no_part_of_its_text(line: str, text: str) -> None:
    assert without_item_marker(line) == text
