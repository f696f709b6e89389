"""The generator over a real socket, through everything an upstream does wrong."""

import asyncio
import gc
from typing import Any

import pytest

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import ProxyError, UpstreamInvalidResponse
from proxy.ports import Grounding
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta, Usage
from tests.support import gemini_errors as errors
from tests.support import gemini_events as events
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of, text_in
from tests.support.gemini_client import MODEL, gemini_settings
from tests.support.gemini_faults import (
    BLOCKS,
    BROKEN_STREAMS,
    EMPTY_STREAMS,
    LOST_CONNECTIONS,
    ODD_BUT_WHOLE_STREAMS,
    REFUSALS,
    SILENCES,
)
from tests.support.gemini_replies import Answer, Reset, Stall, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time


@pytest.fixture
def generator(transport: GeminiTransport) -> GeminiGenerator:
    return GeminiGenerator(transport, SignatureCache())


def asked(generator: GeminiGenerator, *, stream: bool = True) -> Any:
    return generator.stream(
        make_chat_request("Why?", stream=stream),
        model=MODEL,
        grounding=None,
        deadline=ample_time(),
    )


async def said_until_failure(batches: Any) -> tuple[str, ProxyError]:
    said: list[ChatEvent] = []

    async def read() -> None:
        async for batch in batches:
            said.extend(batch)

    with pytest.raises(ProxyError) as failure:
        await read()
    assert not any(isinstance(event, Finish) for event in said)
    return text_in(said), failure.value


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_is_text_finish_usage(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    fake_gemini.reply(Text("It is so because.", thoughts=3))
    made = await events_of(asked(generator, stream=stream))
    assert text_in(made) == "It is so because."
    finish, usage = made[-2:]
    assert finish == Finish("stop", "STOP")
    assert usage == Usage(prompt_tokens=2, completion_tokens=8, reasoning_tokens=3)
    wanted = "streamGenerateContent" if stream else "generateContent"
    assert fake_gemini.requests[0].operation == wanted


async def test_the_thinking_that_is_enough_is_asked_for(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    chat, grounding = make_chat_request("Why?", stream=True), Grounding("Why?", (), effort="low")
    for model in ("gemini-3.8-flash", "gemini-3.5-flash-lite"):
        deadline = ample_time()
        await events_of(generator.stream(chat, model=model, grounding=grounding, deadline=deadline))
    newest, lite = (request.json for request in fake_gemini.generating_requests)
    assert newest["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "LOW"}
    assert "thinkingConfig" not in lite.get("generationConfig", {})


@pytest.mark.parametrize("name", ODD_BUT_WHOLE_STREAMS)
async def test_a_stream_that_is_only_unusual_is_read_whole(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str
) -> None:
    odd = ODD_BUT_WHOLE_STREAMS[name]()
    fake_gemini.reply(odd.reply)
    made = await events_of(asked(generator))
    assert text_in(made) == odd.text
    assert isinstance(made[-2], Finish)
    assert made[-2].reason == "stop"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("n", [1, 2])
async def test_only_json_loses_the_fence_around_it(
    generator: GeminiGenerator, fake_gemini: FakeGemini, n: int, *, stream: bool
) -> None:
    fenced = '```json\n{"a": 1}\n```'
    for kind, text in (("text", fenced), ("json_object", '{"a": 1}')):
        fake_gemini.reply(*[Text(fenced)] * n)
        chat = make_chat_request("Why?", stream=stream, n=n, response_format={"type": kind})
        batches = generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
        made = await events_of(batches)
        assert [text_in(made, index) for index in range(n)] == [text] * n


BROKEN_CODES = {
    "reset after two events": "upstream_reset",
    "closed after two events": "upstream_reset",
    "ended without a finish reason": "upstream_truncated",
    "ended inside an event": "upstream_invalid_response",
    "an event that is not JSON": "upstream_invalid_response",
    "an error as an event": "upstream_overloaded",
    "an error without a code as an event": "upstream_invalid_response",
}


@pytest.mark.parametrize("name", BROKEN_STREAMS)
async def test_a_stream_that_breaks_is_an_error_and_never_begun_again(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(BROKEN_STREAMS[name](), Text("another answer"))
    said, failure = await said_until_failure(asked(generator))
    assert "one two ".startswith(said)
    assert failure.code == BROKEN_CODES[name]
    assert "private words" not in failure.message
    assert len(fake_gemini.requests) == 1


@pytest.mark.parametrize("name", EMPTY_STREAMS)
async def test_a_stream_without_an_answer_is_an_error(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(EMPTY_STREAMS[name](), EMPTY_STREAMS[name]())
    said, failure = await said_until_failure(asked(generator))
    assert said == ""
    assert failure.status in {502, 503}
    assert "<" not in failure.message


@pytest.mark.parametrize(
    ("refusal", "code", "calls"),
    [
        (errors.overloaded(), "upstream_overloaded", 2),
        (errors.Status(500), "upstream_error", 2),
        (errors.Status(400), "invalid_request", 1),
        (errors.daily_quota_exhausted(), "insufficient_quota", 1),
    ],
)
async def test_an_error_as_the_first_event_is_retried_as_one_with_a_status_is(
    generator: GeminiGenerator,
    fake_gemini: FakeGemini,
    refusal: errors.Status,
    code: str,
    calls: int,
) -> None:
    in_band = Stream([refusal.body])
    fake_gemini.reply(in_band, in_band, Text("never asked for"))
    said, failure = await said_until_failure(asked(generator))
    assert (said, failure.code, len(fake_gemini.requests)) == ("", code, calls)


async def test_an_answer_follows_an_error_that_was_retried(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Stream([errors.overloaded().body, Stall()]), Text("It is so."))
    assert text_in(await events_of(asked(generator))) == "It is so."
    await fake_gemini.wait_for_peer_closed()


@pytest.mark.virtual_time
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", LOST_CONNECTIONS)
async def test_a_lost_connection_is_tried_once_more(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str, *, stream: bool
) -> None:
    lost = LOST_CONNECTIONS[name]
    fake_gemini.reply(lost(), lost())
    clock = asyncio.get_running_loop().time
    began_s = clock()
    _, failure = await said_until_failure(asked(generator, stream=stream))
    assert failure.status == 502
    assert len(fake_gemini.requests) == 2
    assert clock() - began_s < 0.5


@pytest.mark.virtual_time
@pytest.mark.parametrize("name", SILENCES)
async def test_a_silence_has_an_end(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(SILENCES[name]())
    clock = asyncio.get_running_loop().time
    began_s = clock()
    said, failure = await said_until_failure(asked(generator))
    assert failure.code == "upstream_timeout"
    limits = gemini_settings(fake_gemini.url)
    limit_s = limits.first_token_timeout_s if said == "" else limits.idle_timeout_s
    assert clock() - began_s == pytest.approx(limit_s)
    assert ("before" in name) == (said == "")
    assert "one two ".startswith(said)
    await fake_gemini.wait_for_peer_closed()
    assert len(fake_gemini.requests) == 1


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_one_of_ours(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str, *, stream: bool
) -> None:
    fake_gemini.reply(REFUSALS[name](), REFUSALS[name]())
    said, failure = await said_until_failure(asked(generator, stream=stream))
    assert said == ""
    assert 400 <= failure.status < 600
    retried = {"499", "500", "502 HTML", "503"}
    assert len(fake_gemini.requests) == (2 if name in retried else 1)


@pytest.mark.parametrize("name", BLOCKS)
async def test_a_filter_ends_an_answer_without_failing_it(
    generator: GeminiGenerator, fake_gemini: FakeGemini, name: str
) -> None:
    fake_gemini.reply(BLOCKS[name]())
    made = await events_of(asked(generator))
    assert isinstance(made[-2], Finish)
    assert made[-2].reason == "content_filter"
    assert made[-2].content_filter is not None


async def test_a_whole_answer_may_be_blocked_or_end_without_reason(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Answer([events.blocked_event()]), Answer([events.text_event("cut")]))
    finish, _usage = await events_of(asked(generator, stream=False))
    assert isinstance(finish, Finish)
    assert finish.reason == "content_filter"
    with pytest.raises(UpstreamInvalidResponse) as failure:
        await events_of(asked(generator, stream=False))
    assert failure.value.code == "upstream_truncated"


async def test_closing_in_the_midst_closes_the_upstream_at_once(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Stream(["one", Stall()]))
    gc.disable()  # an abandoned stream must not need the garbage collector
    try:
        batches = asked(generator)
        assert await anext(batches) == [TextDelta("one")]
        await batches.aclose()
        await fake_gemini.wait_for_peer_closed()
    finally:
        gc.enable()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("reply", [Stall(), Stream([Stall()]), Stream([b": ping\n\n", Stall()])])
async def test_giving_up_before_the_first_token_closes_the_upstream_at_once(
    generator: GeminiGenerator, fake_gemini: FakeGemini, reply: Any, *, stream: bool
) -> None:
    fake_gemini.reply(reply if stream else Stall())
    waiting = asyncio.ensure_future(anext(asked(generator, stream=stream)))
    await fake_gemini.wait_for_request()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await fake_gemini.wait_for_peer_closed()
    assert len(fake_gemini.requests) == 1


@pytest.mark.virtual_time
async def test_giving_up_while_waiting_for_a_retry_asks_no_more(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Reset())
    waiting = asyncio.ensure_future(anext(asked(generator)))
    await fake_gemini.wait_for_request()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(fake_gemini.requests) == 1


async def test_streams_side_by_side_are_not_mixed_up(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    async def ask(i: int) -> str:
        chat = make_chat_request(f"question {i}", stream=True)
        batches = generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
        return text_in(await events_of(batches))

    answers = await asyncio.gather(*(ask(i) for i in range(50)))
    assert answers == [f"You asked: question {i}" for i in range(50)]
    assert len(fake_gemini.requests) == 50


async def test_check_asks_for_no_tokens(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    await generator.check()
    assert [request.operation for request in fake_gemini.requests] == ["listModels"]
