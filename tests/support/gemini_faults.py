"""Everything an upstream may do wrong, named, for tests that go through all of it.

Grouped by what a client of the proxy must see. Values are made anew for each use::

    @pytest.mark.parametrize("name", BROKEN_STREAMS)
    async def test_a_broken_stream_is_an_error(fake_gemini: FakeGemini, name: str) -> None:
        fake_gemini.reply(BROKEN_STREAMS[name]())
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support import gemini_errors as errors
from tests.support import gemini_events as events
from tests.support.gemini_replies import (
    Body,
    Close,
    Framing,
    Reply,
    Reset,
    Stall,
    Stream,
    html,
)

LONG_LINE_CHARS = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OddStream:
    """A stream that looks unusual and is complete."""

    reply: Reply
    text: str
    """What it says."""


ODD_BUT_WHOLE_STREAMS: Mapping[str, Callable[[], OddStream]] = {
    "LF instead of CRLF": lambda: OddStream(
        Stream(["one ", "two"], framing=Framing(newline="\n")), "one two"
    ),
    "no space after the colon": lambda: OddStream(
        Stream(["one ", "two"], framing=Framing(prefix="data:")), "one two"
    ),
    "byte by byte": lambda: OddStream(
        Stream(["héllo ", "世界 😀"], framing=Framing(write_bytes=1)), "héllo 世界 😀"
    ),
    "line separators of Unicode in the text": lambda: OddStream(
        Stream(["a\u2028b\u2029", "c\u0085d"]), "a\u2028b\u2029c\u0085d"
    ),
    "comment lines": lambda: OddStream(
        Stream([b": ping\r\n\r\n", "one ", b": ping\r\n\r\n", "two"]), "one two"
    ),
    "blank lines": lambda: OddStream(Stream(["one ", b"\r\n\r\n", "two"]), "one two"),
    "a byte order mark": lambda: OddStream(Stream([b"\xef\xbb\xbf", "one ", "two"]), "one two"),
    "a line of six megabytes": lambda: OddStream(
        Stream(["x" * LONG_LINE_CHARS]), "x" * LONG_LINE_CHARS
    ),
    "a finish reason early, then more": lambda: OddStream(
        Stream([events.text_event("one ", finish="STOP"), "two"]), "one two"
    ),
    "a finish reason in every event": lambda: OddStream(
        Stream([events.text_event(text, finish="STOP") for text in ("one ", "two")]), "one two"
    ),
    "usage after the end": lambda: OddStream(
        Stream(
            [
                events.text_event("one two", finish="STOP"),
                events.usage_event(prompt=3, candidates=2),
            ]
        ),
        "one two",
    ),
    "fields nobody knows": lambda: OddStream(
        Stream([{**events.text_event("one two", finish="STOP"), "novelty": {"a": [1]}}]), "one two"
    ),
}

BROKEN_STREAMS: Mapping[str, Callable[[], Reply]] = {
    "reset after two events": lambda: Stream(["one ", "two ", Reset()]),
    "closed after two events": lambda: Stream(["one ", "two ", Close()]),
    "ended without a finish reason": lambda: Stream(["one ", "two "], finish=None),
    "ended inside an event": lambda: Stream(["one ", b'data: {"candidates": [{"content": {"pa']),
    "an event that is not JSON": lambda: Stream(
        ["one ", b'data: {"candidates": [private words\r\n\r\n', "two"]
    ),
    "an error as an event": lambda: Stream(["one ", errors.overloaded().body]),
    "an error without a code as an event": lambda: Stream(["one ", {"error": {"message": "no"}}]),
}
"""They break after text has come."""

EMPTY_STREAMS: Mapping[str, Callable[[], Reply]] = {
    "no events": lambda: Stream([]),
    "only usage": lambda: Stream([events.usage_event()]),
    "an error as the only event": lambda: Stream([errors.overloaded().body]),
    "JSON that is no answer": lambda: Stream([{"this": [{"is": "valid"}]}]),
    "a page of HTML": html,
}
"""Status 200, and nothing to show: errors."""

LOST_CONNECTIONS: Mapping[str, Callable[[], Reply]] = {
    "reset before the headers": Reset,
    "closed before the headers": Close,
    "closed inside the body": lambda: Body(b'{"candidates": []}', cut_at_bytes=5),
    "reset inside the body": lambda: Body(b'{"candidates": []}', cut_at_bytes=5, then=Reset()),
}

SILENCES: Mapping[str, Callable[[], Reply]] = {
    "before the headers": Stall,
    "before the first event": lambda: Stream([Stall()]),
    "after two events": lambda: Stream(["one ", "two ", Stall()]),
    "inside an event": lambda: Stream(["one ", b'data: {"candidates": [', Stall()]),
}
"""They last until the client gives up."""

REFUSALS: Mapping[str, Callable[[], Reply]] = {
    "400": lambda: errors.Status(400),
    "400 context too long": errors.context_too_long,
    "400 invalid key": errors.api_key_invalid,
    "400 location": errors.location_unsupported,
    "401": lambda: errors.Status(401),
    "403": lambda: errors.Status(403),
    "404": lambda: errors.Status(404),
    "429 per minute": errors.rate_limited,
    "429 per day": errors.daily_quota_exhausted,
    "429 without details": lambda: errors.Status(429),
    "499": lambda: errors.Status(499),
    "500": lambda: errors.Status(500),
    "502 HTML": lambda: html(502),
    "503": errors.overloaded,
    "504": lambda: errors.Status(504),
    "418 unheard of": lambda: errors.Status(418),
}

BLOCKS: Mapping[str, Callable[[], Reply]] = {
    "the prompt": lambda: Stream([events.blocked_event()]),
    "the answer before a word": lambda: Stream([events.finish_event("SAFETY")]),
    "the answer after a word": lambda: Stream(["one "], finish="SAFETY"),
    "recitation": lambda: Stream(["one ", events.finish_event("RECITATION")]),
}
"""Not failures: answers that end with `content_filter`."""
