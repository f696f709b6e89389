"""One answer from an OpenAI-compatible upstream, over a socket: whole, broken, slow, abandoned."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from proxy.adapters.openai_compat.generator import OpenAIGenerator
from proxy.deadline import Deadline
from proxy.errors import (
    ModelNotFound,
    ProxyError,
    RateLimited,
    UpstreamAuthError,
    UpstreamInvalidResponse,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta, ToolCallDelta, Usage
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of, text_in
from tests.support.gemini_replies import After, Body, Close, Pause, Reply, Reset, Stall, html
from tests.support.journal import Gate
from tests.support.openai_server import (
    ANSWER,
    MODEL,
    Chunks,
    FakeOpenAI,
    completion,
    error,
    finish,
    open_generator,
    openai_settings,
    say,
    usage,
)
from tests.support.waiting import ample_time


def answer(
    generator: OpenAIGenerator,
    *,
    deadline: Deadline | None = None,
    stream: bool = True,
    **fields: Any,
) -> Any:
    return generator.stream(
        make_chat_request("hi", stream=stream, **fields),
        model=MODEL,
        grounding=None,
        deadline=deadline or ample_time(),
    )


async def failure_of(generator: OpenAIGenerator, **fields: Any) -> ProxyError:
    with pytest.raises(ProxyError) as failed:
        await events_of(answer(generator, **fields))
    return failed.value


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_comes_as_the_request_wants_it(
    generator: OpenAIGenerator, fake: FakeOpenAI, *, stream: bool
) -> None:
    made = await events_of(answer(generator, stream=stream))
    assert text_in(made).strip() == ANSWER
    assert made[-2:] == [Finish("stop"), Usage(11, 7)]
    (sent,) = fake.chats
    assert sent["model"] == MODEL
    assert ("stream" in sent) is stream


async def test_a_streams_connection_is_used_again(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    for _ in range(3):
        await events_of(answer(generator))
    assert {request.connection_id for request in fake.requests} == {1}


OLLAMA: list[Any] = [
    say("", role="assistant", reasoning="hm"),
    say("", role="assistant", tool_calls=[{"index": 0, "id": "a", "function": {"name": "f"}}]),
    finish("stop", usage={"prompt_tokens": 1, "completion_tokens": 2}),
]


async def test_quirks_of_local_servers_do_not_matter(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    fake.reply(Chunks([b": ping\n\n", b"event: message\n", *OLLAMA], done=False))
    assert await events_of(answer(generator)) == [
        ToolCallDelta(0, "a", "f", "{}"),
        Finish("tool_calls", "stop"),
        Usage(1, 2),
    ]


def together(*chunks: Mapping[str, Any]) -> bytes:
    return b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks)


@pytest.mark.virtual_time
async def test_what_arrives_together_is_one_batch(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    words = [f"word {i} " for i in range(200)]
    fake.reply(Chunks([say("one "), Pause(0.05), together(*map(say, words)), finish("stop")]))
    batches = [batch async for batch in answer(generator)]
    assert batches[0] == [TextDelta("one ")]
    assert [event for batch in batches[1:-1] for event in batch] == list(map(TextDelta, words))
    assert len(batches) < 10


@pytest.mark.virtual_time
async def test_what_came_before_a_fault_is_passed_on_though_they_came_together(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    fake.reply(
        Chunks([say("one "), Pause(0.05), together(say("two "), {"error": {"message": "x"}})])
    )
    said: list[ChatEvent] = []

    async def read() -> None:
        async for batch in answer(generator):
            said.extend(batch)

    with pytest.raises(ProxyError):
        await read()
    assert said == [TextDelta("one "), TextDelta("two ")]


async def test_an_empty_answer_is_an_answer(generator: OpenAIGenerator, fake: FakeOpenAI) -> None:
    fake.reply(Chunks([say("", role="assistant"), finish("stop"), usage()]))
    assert await events_of(answer(generator)) == [Finish("stop"), Usage(11, 7)]


BROKEN: dict[str, Callable[[], Reply]] = {
    "reset": lambda: Chunks([say("one "), say("two "), Reset()]),
    "closed": lambda: Chunks([say("one "), say("two "), Close()]),
    "no finish reason": lambda: Chunks([say("one "), say("two ")]),
    "no JSON": lambda: Chunks([say("one "), b"data: {private words\n\n"]),
    "no UTF-8": lambda: Chunks([say("one "), b"data: \xff\n\n"]),
    "an error": lambda: Chunks([say("one "), {"error": {"message": "private words"}}]),
    "an error in words": lambda: Chunks([say("one "), {"error": "private words"}]),
    "another shape": lambda: Chunks([say("one "), {"choices": 1}]),
    "silence": lambda: Chunks([say("one "), Stall()]),
}


@pytest.mark.virtual_time
@pytest.mark.parametrize("name", BROKEN)
async def test_what_breaks_in_the_midst_is_raised_after_the_text_and_not_tried_again(
    generator: OpenAIGenerator, fake: FakeOpenAI, name: str
) -> None:
    fake.reply(BROKEN[name]())
    made: list[ChatEvent] = []

    async def read() -> None:
        async for batch in answer(generator):
            made.extend(batch)

    with pytest.raises(ProxyError) as failed:
        await read()
    assert made[0] == TextDelta("one ")
    assert not any(isinstance(event, Finish) for event in made)
    assert failed.value.status >= 500
    assert "private words" not in failed.value.message
    assert len(fake.requests) == 1


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "fault",
    [Reset(), Close(), error(500), error(503), error(429, headers={"retry-after": "0.1"})],
)
async def test_what_may_pass_is_tried_once_more(
    generator: OpenAIGenerator, fake: FakeOpenAI, fault: Reply, *, stream: bool
) -> None:
    fake.reply(fault)
    assert text_in(await events_of(answer(generator, stream=stream))).strip() == ANSWER
    assert len(fake.requests) == 2


async def test_a_role_is_not_yet_an_answer(generator: OpenAIGenerator, fake: FakeOpenAI) -> None:
    fake.reply(Chunks([say("", role="assistant"), Reset()]))
    assert text_in(await events_of(answer(generator))).strip() == ANSWER


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error(401), UpstreamAuthError),
        (error(404), ModelNotFound),
        (error(429, headers={"retry-after": "7"}), RateLimited),
        (html(), UpstreamInvalidResponse),
        (html(302), UpstreamInvalidResponse),
        (Body(b"{private", 200), UpstreamInvalidResponse),
    ],
)
async def test_what_will_not_pass_is_not_tried_again(
    generator: OpenAIGenerator,
    fake: FakeOpenAI,
    fault: Reply,
    kind: type[ProxyError],
    *,
    stream: bool,
) -> None:
    fake.reply(fault)
    assert isinstance(await failure_of(generator, stream=stream), kind)
    assert len(fake.requests) == 1


async def test_an_error_with_status_200_is_an_error(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    fake.reply(Body(b'{"error": {"code": 404}}'))
    assert isinstance(await failure_of(generator, stream=False), ModelNotFound)


async def test_a_refusal_cut_off_in_its_midst_is_a_broken_connection(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    cut = Body(b'{"error": {}}', 400, cut_at_bytes=4, then=Reset())
    fake.reply(cut, cut)
    assert isinstance(await failure_of(generator), UpstreamUnreachable)


SILENT: dict[str, Reply] = {
    "before the headers": Stall(),
    "before the first chunk": Chunks([Stall()]),
    "after its role": Chunks([say("", role="assistant"), b": ping\n\n", Stall()]),
}


@pytest.mark.virtual_time
@pytest.mark.parametrize("name", SILENT)
async def test_a_first_word_is_waited_for_only_so_long(
    generator: OpenAIGenerator, fake: FakeOpenAI, name: str
) -> None:
    fake.reply(SILENT[name])
    assert isinstance(await failure_of(generator), UpstreamTimeout)
    limit_s = openai_settings(fake.base_url).first_token_timeout_s
    assert asyncio.get_running_loop().time() == pytest.approx(limit_s, abs=0.1)
    await fake.wait_for_peer_closed()
    assert len(fake.requests) == 1


@pytest.mark.virtual_time
async def test_a_long_call_is_no_silence(generator: OpenAIGenerator, fake: FakeOpenAI) -> None:
    pause_s = 0.9 * openai_settings(fake.base_url).idle_timeout_s
    pieces = [
        item
        for _ in range(5)
        for item in (
            say(None, tool_calls=[{"index": 0, "function": {"name": "f", "arguments": " "}}]),
            Pause(pause_s),
        )
    ]
    fake.reply(Chunks([*pieces, finish("tool_calls")]))
    assert isinstance((await events_of(answer(generator)))[0], ToolCallDelta)


@pytest.mark.virtual_time
async def test_the_deadline_of_the_request_ends_all(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    fake.reply(Chunks([say("one "), Stall()]), Stall())
    for seconds, stream in ((20, True), (20, False), (-1, False)):
        deadline = Deadline.after(seconds)
        failure = await failure_of(generator, deadline=deadline, stream=stream)
        assert isinstance(failure, UpstreamTimeout)
    assert len(fake.requests) == 2


SIGNED: dict[str, Any] = {"extra_content": {"google": {"thought_signature": "c2ln"}}}
CALLED: dict[str, Any] = {"id": "a", "type": "function", "function": {"name": "f"}}
AFTER_A_CALL: list[dict[str, Any]] = [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "tool_calls": [{**CALLED, **SIGNED}]},
    {"role": "tool", "tool_call_id": "a", "content": "42"},
]


@pytest.mark.parametrize("stream", [True, False])
async def test_thought_signatures_go_back_to_an_upstream_that_gave_one(
    generator: OpenAIGenerator, fake: FakeOpenAI, *, stream: bool
) -> None:
    async def answered() -> list[ChatEvent]:
        request = make_chat_request(messages=AFTER_A_CALL, stream=stream)
        deadline = ample_time()
        return await events_of(
            generator.stream(request, model=MODEL, grounding=None, deadline=deadline)
        )

    await answered()
    given: Any = {"tool_calls": [{"index": 0, **CALLED, **SIGNED}]}
    whole = completion(None, "tool_calls", **given)
    fake.reply(Chunks([say(None, **given), finish("tool_calls")]) if stream else whole)
    assert (await answered())[0] == ToolCallDelta(0, "a", "f", "{}", signature="c2ln")
    await answered()
    sent = [chat["messages"][1]["tool_calls"][0].get("extra_content") for chat in fake.chats]
    assert sent == [None, None, SIGNED["extra_content"]]


PHASES: dict[str, tuple[Callable[[Gate], Reply], bool]] = {
    "before the headers": (lambda gate: After(gate, completion()), False),
    "before the first word": (lambda gate: Chunks([say(""), gate]), True),
    "in the midst": (lambda gate: Chunks([say("one "), gate]), True),
}


@pytest.mark.parametrize("phase", PHASES)
async def test_cancelling_closes_the_upstream_connection_at_once(
    fake: FakeOpenAI, phase: str
) -> None:
    make, stream = PHASES[phase]
    gate = Gate()
    fake.reply(make(gate))
    async with open_generator(fake) as generator:
        reading = asyncio.create_task(events_of(answer(generator, stream=stream)))
        await gate.wait_until_reached()
        reading.cancel()
        await fake.wait_for_peer_closed()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_closing_the_generator_closes_the_upstream_connection_at_once(
    fake: FakeOpenAI,
) -> None:
    fake.reply(Chunks([say("one "), Gate()]))
    async with open_generator(fake) as generator:
        batches = answer(generator)
        assert await anext(batches) == [TextDelta("one ")]
        await batches.aclose()
        await fake.wait_for_peer_closed()


async def test_nobody_there_is_unreachable() -> None:
    async with FakeOpenAI() as fake:
        pass  # its port is closed now
    async with open_generator(fake) as generator:
        assert (await failure_of(generator)).code == "upstream_unreachable"
        with pytest.raises(UpstreamUnreachable):
            await generator.check()


async def test_a_check_costs_nothing_and_finds_the_upstream(
    generator: OpenAIGenerator, fake: FakeOpenAI
) -> None:
    await generator.check()
    assert fake.chats == []


async def test_a_check_knows_a_wrong_address_and_a_wrong_key(fake: FakeOpenAI) -> None:
    async with open_generator(fake, OPENAI_BASE_URL=fake.url) as generator:
        with pytest.raises(UpstreamInvalidResponse) as wrong:
            await generator.check()
    assert wrong.value.code == "upstream_wrong_url"
    fake.refuse_key = True
    async with open_generator(fake) as generator:
        with pytest.raises(UpstreamAuthError):
            await generator.check()
