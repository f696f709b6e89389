"""Ends of inline code."""

import pytest

from proxy.ingest.loaders.code_spans import CodeSpans


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("`a` b", 3),
        ("``a ` b`` c", 9),
        ("`a\nb` c", 5),
        ("`a ``", 1),
        ("``` a", 3),
        ("`a\n\nb`", 1),
        ("`a\n- b`", 1),
        ("`a\n```\nb`", 1),
        ("`a\n| b`", 1),
    ],
)
def test_code_ends_at_as_many_backticks_in_the_same_block(text: str, end: int) -> None:
    assert CodeSpans(text).end(0) == end


def test_later_paragraphs_are_found_too() -> None:
    text = "`a` x\n\n`b` `c`"
    spans = CodeSpans(text)
    assert [spans.end(place) for place in (0, 7, 11)] == [3, 10, 14]
