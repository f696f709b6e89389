"""Bytes to responses, wherever the network cut them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.sse import MAX_EVENT_BYTES, EventParser
from proxy.errors import UpstreamInvalidResponse
from tests.support.chat_events import cut

JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RESPONSES = st.lists(st.dictionaries(JSON_TEXT, JSON_TEXT | st.integers(-5, 5), max_size=3))
NOISE = st.sampled_from(["", ": ping", "event: message", "id: 7", "retry: 10", ":"])


def parsed(*pieces: bytes) -> list[dict[str, Any]]:
    parser = EventParser()
    responses = [response for piece in pieces for response in parser.feed(piece)]
    return [*responses, *parser.finish()]


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bytes]:
    """Draw responses and one of the ways to write them."""
    responses, newline = draw(RESPONSES), draw(st.sampled_from(["\n", "\r\n"]))
    lines: list[str] = []
    for response in responses:
        space = draw(st.sampled_from(["", " "]))
        written = json.dumps(response, ensure_ascii=draw(st.booleans()))
        lines += [draw(NOISE), f"data:{space}{written}", ""]
    mark = draw(st.sampled_from(["", "\ufeff"]))
    whole = mark + newline.join([*lines, ""])
    return responses, (whole.rstrip("\r\n") if draw(st.booleans()) else whole).encode()


@given(st.data(), streams())
def test_however_the_bytes_are_cut_the_responses_are_the_same(
    data: st.DataObject, stream: tuple[list[dict[str, Any]], bytes]
) -> None:
    responses, written = stream
    assert parsed(*data.draw(cut(written))) == responses
    assert parsed(*(written[i : i + 1] for i in range(len(written)))) == responses


def test_line_separators_of_unicode_do_not_end_a_line() -> None:
    text = "a\u2028b\u2029c\u0085d\x0b\x0c\x1c"
    written = json.dumps({"t": text}, ensure_ascii=False).encode()
    assert parsed(b"data: " + written + b"\r\n\r\n") == [{"t": text}]


def test_responses_come_as_soon_as_they_are_whole() -> None:
    parser = EventParser()
    assert parser.feed(b'data: {"a": 1}\r') == []
    assert parser.feed(b'\n\r\ndata: {"b": 2}\n\ndata: {"c"') == [{"a": 1}, {"b": 2}]
    assert parser.feed(b": 3}\n") == [{"c": 3}]
    assert parser.finish() == []


def test_a_last_event_without_its_line_end_comes_once() -> None:
    parser = EventParser()
    assert parser.feed(b'data: {"a": 1}') == []
    assert parser.finish() == [{"a": 1}]
    assert parser.finish() == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": 503}}',
        b'{\n  "error": {\r\n    "code": 503\n  }\n}\n',
        b'[{\n  "error": {"code": 503}\n}]',
        b'data: [{"error": {"code": 503}}]\n\n',
    ],
)
def test_an_error_that_is_no_event_is_found(body: bytes) -> None:
    assert parsed(b'data: {"a": 1}\n\n', body) == [{"a": 1}, {"error": {"code": 503}}]


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html>\n<title>private words</title>\n",
        b"private words",
        b'data: {"private": words}\n\n',
        b'data: {"private words": ',
        b"data: private words\n",
        b"data: 5\n",
        b"data: []\n",
        b"data: null\n",
        b"data:\n",
        b'data: {"private words": "\\ud800"}\n',
        b"data: \xff\xfe\n",
        b"data: NaN\n",
        b'"private words"',
        b"[1, 2]",
        b"x" * 200_000,
    ],
)
def test_what_cannot_be_read_is_an_error_that_repeats_nothing(body: bytes) -> None:
    with pytest.raises(UpstreamInvalidResponse) as failure:
        parsed(body)
    assert "words" not in failure.value.message
    assert failure.value.code == "upstream_invalid_response"


def test_an_endless_line_is_an_error() -> None:
    parser = EventParser()
    piece = b"data: " + b"x" * (MAX_EVENT_BYTES // 8)
    for _ in range(7):
        assert parser.feed(piece) == []
    with pytest.raises(UpstreamInvalidResponse):
        parser.feed(piece)


def test_a_long_line_in_many_pieces_costs_no_more_than_its_length() -> None:
    # Joining what came at each piece would copy six gigabytes here.
    text = "x" * 8_000_000
    body = f'data: {{"t": "{text}"}}\n'.encode()
    pieces = [body[i : i + 4_096] for i in range(0, len(body), 4_096)]
    assert parsed(*pieces) == [{"t": text}]


def test_only_the_first_line_may_begin_with_a_byte_order_mark() -> None:
    marked = b'\xef\xbb\xbfdata: {"a": 1}\n'
    assert parsed(marked) == [{"a": 1}]
    with pytest.raises(UpstreamInvalidResponse):
        parsed(b"\n" + marked)
