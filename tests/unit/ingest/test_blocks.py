"""Blocks of Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.blocks import (
    close_fences,
    split_blocks,
    split_fence,
    split_items,
    split_sentences,
    split_table,
    split_words,
)

MARKDOWN = st.lists(
    st.sampled_from(
        [
            *("Some words here. ", "End!\n", "\n", "\n\n", "- item\n", "  - nested\n", "1. one\n"),
            *("```py\n", "```\n", "~~~\n", "    code\n", "| a | b |\n", "| - | - |\n", "> quote\n"),
            *("> ```\n", "- ```\n", "*", "a|b\n", "\t", "é。", "**lead**\n\n", "x:\n\n"),
        ]
    ),
    max_size=40,
).map("".join)


def _kinds(text: str) -> list[str]:
    return [block.kind for block in split_blocks(text)]


def test_kinds_of_blocks_are_told_apart() -> None:
    text = "para\nmore\n\n- a\n\n  b\n- c\n\nafter\n```\n- x\n\n```\n"
    text += "| a | b |\n|---|:-:|\n| c | d |\n\nend"
    assert _kinds(text) == ["paragraph", "list", "paragraph", "fence", "table", "paragraph"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("- a\n\n  ```\n  - x\n\n  ```\n\n  more\nafter\n\nend", ["list", "paragraph"]),
        ("- a\n```\ncode\n```\n", ["list", "fence"]),
        ("1. a\n2. b\n\n\n3. c\n", ["list"]),
        ("> quote\n> ```\n> code\n> ```\n> more\n", ["paragraph", "fence", "paragraph"]),
        ("> ```\n> never closed\ntext\n", ["fence", "paragraph"]),
        ("a | b\nno delimiter\n", ["paragraph"]),
        ("    indented ```\n", ["paragraph"]),
        ("```\nnever closed\n\n- a\n", ["fence"]),
        ("````\n```\n````\n", ["fence"]),
        ("*emphasis* at the start\n", ["paragraph"]),
    ],
)
def test_borders_are_where_markdown_has_them(text: str, kinds: list[str]) -> None:
    assert _kinds(text) == kinds


@given(MARKDOWN, st.booleans())
def test_blocks_joined_are_the_text(text: str, in_item: bool) -> None:  # noqa: FBT001 - drawn
    assert "".join(block.text for block in split_blocks(text, in_item=in_item)) == text


@given(MARKDOWN)
def test_items_sentences_and_words_joined_are_the_text(text: str) -> None:
    for block in split_blocks(text):
        if block.kind == "list":
            assert "".join(split_items(block.text)) == block.text
    assert "".join(split_sentences(text)) == text
    if text:
        assert "".join(split_words(text)) == text


@given(MARKDOWN)
def test_closing_fences_only_adds_closing_lines_and_is_done_once(text: str) -> None:
    closed = close_fences(text)
    assert close_fences(closed) == closed
    assert re.sub(r"[\s`~>]", "", closed) == re.sub(r"[\s`~>]", "", text)


def test_items_keep_what_is_nested_in_them() -> None:
    text = "- a\n  - b\n\n  c\n- ```\n- not an item\n  ```\n- d\n"
    assert split_items(text) == ["- a\n  - b\n\n  c\n", "- ```\n- not an item\n  ```\n", "- d\n"]


def test_sentences_end_at_marks_and_lines_but_not_in_numbers() -> None:
    text = 'One 1.5 two. "Three!" Four\nfive? 六。七 8. nine'
    assert split_sentences(text) == [
        *("One 1.5 two. ", '"Three!" ', "Four\n", "five? ", "六。", "七 8. nine")
    ]


def test_table_is_head_and_rows() -> None:
    assert split_table("|a|\n|-|\n|b|\n|c|\n") == ("|a|\n|-|\n", ["|b|\n", "|c|\n"])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("```py\na\nb\n```\n\n", ("```py\n", ["a\n", "b\n"], "```")),
        ("~~~~\na\n~~~~~", ("~~~~\n", ["a\n"], "~~~~~")),
        ("- ```\n  a", ("- ```\n", ["  a"], "  ```")),
        ("> ```\n> a", ("> ```\n", ["> a"], "> ```")),
        ("```", ("```\n", list[str](), "```")),
    ],
)
def test_fence_is_opening_lines_and_closing(text: str, parts: tuple[str, list[str], str]) -> None:
    assert split_fence(text) == parts
