"""Ends of tags, expressions and statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.loaders.jsx import JsxReader, literal_text


@pytest.mark.parametrize(
    "tag",
    [
        "<A>",
        "</A>",
        "<A/>",
        "<a.b-c:d />",
        "<>",
        "</>",
        "<A b=\"x > y\" c='d' e=f g>",
        "<A\n  b={{c: '}', d: \"}\"}}\n  e={`}`}\n>",
        "<A {...props} b={/* } */ 1} />",
        "<A b={() => <B c={1} />}>",
        "<A b={x // }\n}>",
    ],
)
def test_tag_ends_at_its_own_bracket(tag: str) -> None:
    found = JsxReader(f"{tag}> tail").tag(0)
    assert found is not None
    assert found.end == len(tag)


@pytest.mark.parametrize(
    "text",
    ["< a", "<3", "<a b", "<https://x.y>", "<me@x.y>", "<a b={>", "<a b=>", '<a b="c>', "<a,b>"],
)
def test_other_angle_brackets_are_no_tags(text: str) -> None:
    assert JsxReader(text).tag(0) is None


def test_attributes_that_are_strings_are_read() -> None:
    tag = JsxReader("<Tab a=\"1\" b='2' c={'3'} d={\"4\"} e={`5`} f={6} g h=7 {...i}/>").tag(0)
    assert tag is not None
    assert tag.is_self_closing
    strings = dict(zip("abcde", "12345", strict=True))
    assert tag.attributes == {**strings, "f": "{6}", "g": "", "h": "7", "...": "{...i}"}


@pytest.mark.parametrize(
    ("expression", "text"),
    [("{'a'}", "a"), ('{ "b" }', "b"), ("{`c`}", "c"), ("{''}", ""), ("{a}", None), ("{1}", None)],
)
def test_expression_that_is_a_string_is_its_text(expression: str, text: str | None) -> None:
    assert literal_text(expression) == text


@pytest.mark.parametrize(
    ("code", "rest"),
    [
        ("import a from 'b';\n", "\ntext"),
        ("import a from 'b';\nimport c from 'd'\n", "\ntext"),
        ("import {\n  a,\n\n  b,\n} from 'c';\n", "\ntext"),
        ("export const f = () => (\n  <p>\n\n    it's\n  </p>\n);\n", "\ntext"),
        ("export const a = 1", ""),
        ("export const broken = (\n", "\ntext\n\nmore"),
        ("export const broken = (\nto the end", ""),
        ("export const a = {\n\n  b: 1,\n};", ""),
        ("import 'a'", "\nno blank line" * 5_000),
    ],
)
def test_statement_ends_at_the_first_blank_line_outside_of_brackets(code: str, rest: str) -> None:
    assert JsxReader(code + rest).statement_end(0) == len(code)


def test_braces_that_never_close_are_not_looked_at_for_ever() -> None:
    text = "{" * 20_000 + "}"
    reader = JsxReader(text)
    ends = [reader.braces_end(place) for place in range(10_000)]
    assert set(ends) == {-1}


@given(st.text(alphabet="<>/{}\"'`ab =\n*"))
def test_any_text_is_read_without_complaint(text: str) -> None:
    reader = JsxReader(text)
    for place in range(len(text)):
        tag = reader.tag(place)
        assert tag is None or place < tag.end <= len(text)
        assert reader.braces_end(place) <= len(text)
        assert place <= reader.statement_end(place) <= len(text)
