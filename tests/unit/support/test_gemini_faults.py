"""The catalogue of faults: that each does on the wire what its name says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support import gemini_faults as faults
from tests.support.gemini_events import finish_event, thought_event
from tests.support.gemini_replies import Answer, Reply, Stream
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import LONG_ENOUGH_S


@dataclass
class Received:
    """All that a client got, unframed."""

    head: bytes
    body: bytes
    is_whole: bool
    was_reset: bool


async def exchange(fake: FakeGemini, *, timeout_s: float = LONG_ENOUGH_S) -> Received:
    """Ask for a stream over a bare socket and read what comes, up to the end or the timeout."""
    address = fake.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*address.split(":"), limit=2**24)
    body = b'{"contents": [{"parts": [{"text": "?"}]}]}'
    writer.write(
        b"POST /v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse HTTP/1.1\r\n"
        b"host: fake\r\nx-goog-api-key: test\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )
    raw, was_reset = bytearray(), False
    try:
        async with asyncio.timeout(timeout_s):
            while piece := await reader.read(2**20):
                raw += piece
    except ConnectionResetError:
        was_reset = True
    except TimeoutError:
        pass
    writer.close()
    head, _, rest = bytes(raw).partition(b"\r\n\r\n")
    unframed, is_whole = unchunk(rest) if b"chunked" in head else (rest, False)
    return Received(head, unframed, is_whole, was_reset)


def unchunk(data: bytes) -> tuple[bytes, bool]:
    body = bytearray()
    while data:
        size, _, data = data.partition(b"\r\n")
        if size == b"0":
            return bytes(body), True
        length = int(size, 16)
        body += data[:length]
        data = data[length + 2 :]
    return bytes(body), False


def said_in(body: bytes) -> str:
    """Read an event stream leniently: any newline, comments, no space after the colon."""
    text = body.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    events = [json.loads(line[5:]) for line in text.split("\n") if line.startswith("data:")]
    candidates = [candidate for event in events for candidate in event.get("candidates", [])]
    return "".join(part["text"] for one in candidates for part in one["content"]["parts"])


@pytest.mark.parametrize("name", faults.ODD_BUT_WHOLE_STREAMS)
async def test_an_odd_stream_says_all_of_its_text(fake_gemini: FakeGemini, name: str) -> None:
    odd = faults.ODD_BUT_WHOLE_STREAMS[name]()
    fake_gemini.reply(odd.reply)
    received = await exchange(fake_gemini)
    assert received.is_whole
    assert said_in(received.body) == odd.text
    assert b'"finishReason": "STOP"' in received.body


@pytest.mark.parametrize("name", faults.BROKEN_STREAMS)
async def test_a_broken_stream_says_something_first(fake_gemini: FakeGemini, name: str) -> None:
    fake_gemini.reply(faults.BROKEN_STREAMS[name]())
    received = await exchange(fake_gemini)
    assert b"one " in received.body
    assert received.was_reset is (name == "reset after two events")
    assert received.is_whole is ("after two events" not in name)


@pytest.mark.parametrize("name", faults.EMPTY_STREAMS)
async def test_an_empty_stream_succeeds_and_says_nothing(
    fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(faults.EMPTY_STREAMS[name]())
    received = await exchange(fake_gemini)
    assert received.head.startswith(b"HTTP/1.1 200 OK")
    assert b"candidates" not in received.body


@pytest.mark.parametrize("name", faults.LOST_CONNECTIONS)
async def test_a_lost_connection_ends_before_the_answer_does(
    fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(faults.LOST_CONNECTIONS[name]())
    received = await exchange(fake_gemini)
    assert not received.is_whole
    assert received.was_reset is name.startswith("reset")
    assert bool(received.head) is ("inside" in name)


@pytest.mark.virtual_time
@pytest.mark.parametrize("name", faults.SILENCES)
async def test_a_silence_lasts_until_the_client_leaves(fake_gemini: FakeGemini, name: str) -> None:
    fake_gemini.reply(faults.SILENCES[name]())
    received = await exchange(fake_gemini, timeout_s=5)
    assert not received.is_whole
    assert not received.was_reset
    await fake_gemini.wait_for_peer_closed()


@pytest.mark.parametrize("name", faults.REFUSALS)
async def test_a_refusal_has_its_status_and_googles_envelope(
    fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(faults.REFUSALS[name]())
    received = await exchange(fake_gemini)
    code = name.split(" ", 1)[0]
    assert received.head.startswith(b"HTTP/1.1 " + code.encode())
    assert b"retry-after" not in received.head.lower()
    if "HTML" in name:
        assert received.body.startswith(b"<!doctype html>")
    else:
        assert json.loads(received.body)["error"]["code"] == int(code)


@pytest.mark.parametrize("name", faults.BLOCKS)
async def test_a_block_is_a_complete_answer(fake_gemini: FakeGemini, name: str) -> None:
    fake_gemini.reply(faults.BLOCKS[name]())
    received = await exchange(fake_gemini)
    assert received.is_whole
    assert any(word in received.body for word in (b"SAFETY", b"RECITATION"))


async def test_a_status_nobody_has_heard_of_can_be_sent(fake_gemini: FakeGemini) -> None:
    from tests.support.gemini_errors import Status

    fake_gemini.reply(Status(599))
    received = await exchange(fake_gemini)
    assert received.head.startswith(b"HTTP/1.1 599 Unknown")


async def test_a_stream_can_be_given_event_by_event(fake_gemini: FakeGemini) -> None:
    end = finish_event("MALFORMED_FUNCTION_CALL", message="Malformed call: x(")
    fake_gemini.reply(Answer([end]))
    received = await exchange(fake_gemini)
    assert json.loads(received.body.removeprefix(b"data: ")) == end


async def test_thoughts_can_be_streamed(fake_gemini: FakeGemini) -> None:
    fake_gemini.reply(Stream([thought_event("hm"), "one"]))
    received = await exchange(fake_gemini)
    assert said_in(received.body) == "hmone"
    assert b'"thought": true' in received.body


def test_faults_are_made_anew_for_each_use() -> None:
    make: Callable[[], Reply]
    for make in faults.BROKEN_STREAMS.values():
        assert make() is not make()
