"""What one answer takes: several choices, several hops, a second try."""

import asyncio
from typing import Any

import pytest

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.permissions import Permissions
from proxy.adapters.gemini.signatures import SKIP_SIGNATURE, SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, ProxyError, UpstreamInvalidResponse, UpstreamOverloaded
from proxy.protocol.chat_events import ChatEvent, Finish, ToolCallDelta, Usage
from tests.support import gemini_events as events
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of, text_in
from tests.support.gemini_client import MODEL
from tests.support.gemini_errors import Status, overloaded
from tests.support.gemini_replies import Answer, Stall, Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time

TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "f",
            "parameters": {
                "type": "object",
                "properties": {"a": {"type": "string", "enum": ["x", "y"]}},
            },
        },
    }
]
CALLED: list[dict[str, Any]] = [
    {"role": "user", "content": "q"},
    {
        "role": "assistant",
        "tool_calls": [{"id": "call_x7", "type": "function", "function": {"name": "f"}}],
    },
    {"role": "tool", "content": "42", "tool_call_id": "call_x7"},
]
SIGNATURE = "c2lnbmF0dXJl"
BOTH = pytest.mark.parametrize("stream", [True, False], ids=["stream", "json"])


@pytest.fixture
def generator(transport: GeminiTransport) -> GeminiGenerator:
    permissions = Permissions(safety_settings=True)
    return GeminiGenerator(transport, SignatureCache(), permissions=permissions)


def asked(
    generator: GeminiGenerator,
    *,
    stream: bool = True,
    model: str = MODEL,
    deadline: Deadline | None = None,
    **fields: Any,
) -> Any:
    return generator.stream(
        make_chat_request(*([] if "messages" in fields else ["Why?"]), stream=stream, **fields),
        model=model,
        grounding=None,
        deadline=deadline or ample_time(),
    )


def whole(
    text: str, finish: str | None = "STOP", *, tokens: int = 1, **candidate: Any
) -> dict[str, Any]:
    """Return an event that is an answer of its own: text, end, a prompt of ten tokens."""
    event = events.text_event(text, finish=finish)
    event["candidates"][0].update(candidate)
    return {**event, "usageMetadata": events.usage(prompt=10, candidates=tokens)}


def finishes_in(made: list[ChatEvent]) -> list[Finish]:
    return [event for event in made if isinstance(event, Finish)]


@BOTH
async def test_three_choices_are_three_calls_and_their_prompt_counts_once(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    fake_gemini.reply(*(Answer([whole(text, tokens=2)]) for text in ("one", "two", "three")))
    made = await events_of(asked(generator, stream=stream, n=3))
    assert {text_in(made, index) for index in range(3)} == {"one", "two", "three"}
    assert sorted(finish.index for finish in finishes_in(made)) == [0, 1, 2]
    assert made[-1] == Usage(10, 6)
    assert [isinstance(event, Usage) for event in made].count(True) == 1
    for request in fake_gemini.requests:
        assert "candidateCount" not in request.json.get("generationConfig", {})
    assert len(fake_gemini.requests) == 3


async def test_a_choice_that_fails_ends_the_others_too(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(
        Stream(["one", Stall()]), Stream(["two", overloaded().body]), Stream(["x", Stall()])
    )
    with pytest.raises(UpstreamOverloaded):
        await events_of(asked(generator, n=3))
    await fake_gemini.wait_for_peer_closed()


async def test_closing_ends_every_choice(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(*(Stream(["one", Stall()]) for _ in range(3)))
    batches = asked(generator, n=3)
    await anext(batches)
    await batches.aclose()
    await fake_gemini.wait_for_peer_closed()
    current = asyncio.current_task()
    assert not [t for t in asyncio.all_tasks() if t is not current and "_pump" in repr(t)]


def broken_off(text: str, token: str, *, tokens: int = 5) -> Answer:
    return Answer([whole(text, "CONTINUATION", tokens=tokens, continuationToken=token)])


@BOTH
async def test_an_answer_that_breaks_off_is_continued(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    fake_gemini.reply(
        broken_off("one ", "t1"), broken_off("two ", "t2"), Answer([whole("three", tokens=3)])
    )
    made = await events_of(asked(generator, stream=stream, max_tokens=5_000))
    assert text_in(made) == "one two three"
    assert finishes_in(made) == [Finish("stop", "STOP")]
    assert made[-1] == Usage(30, 13)
    sent = [request.json for request in fake_gemini.requests]
    assert [body.get("continuationToken") for body in sent] == [None, "t1", "t2"]
    assert [body["generationConfig"]["maxOutputTokens"] for body in sent] == [5_000, 4_995, 4_990]
    assert all(body["contents"] == sent[0]["contents"] for body in sent)


@BOTH
async def test_the_clients_token_limit_ends_the_hops(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    fake_gemini.reply(broken_off("one ", "t1", tokens=6), broken_off("two ", "t2", tokens=4))
    made = await events_of(asked(generator, stream=stream, max_tokens=10))
    assert text_in(made) == "one two "
    assert finishes_in(made) == [Finish("length", "CONTINUATION")]
    assert len(fake_gemini.requests) == 2


async def test_without_a_limit_of_the_client_none_is_made_up(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(broken_off("one ", "t1"), Answer([whole("two")]))
    assert text_in(await events_of(asked(generator))) == "one two"
    assert "generationConfig" not in fake_gemini.requests[1].json


@pytest.mark.parametrize("tokens", [["t1", "t1"], [""]], ids=["the same token", "no token"])
async def test_an_answer_that_gets_nowhere_is_cut(
    generator: GeminiGenerator, fake_gemini: FakeGemini, tokens: list[str]
) -> None:
    fake_gemini.reply(*(broken_off("one ", token) for token in tokens))
    made = await events_of(asked(generator))
    assert finishes_in(made) == [Finish("length", "CONTINUATION")]
    assert len(fake_gemini.requests) == len(tokens)


async def test_the_deadline_ends_the_hops(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply_by(lambda request: broken_off("one ", f"t{request.number}"))
    batches = asked(generator, deadline=Deadline.after(0.15))
    try:
        made = await events_of(batches)
    except ProxyError as failure:  # it passed in the midst of a hop
        assert failure.code == "upstream_timeout"  # noqa: PT017 - either is right
    else:
        assert finishes_in(made) == [Finish("length", "CONTINUATION")]


async def test_hops_without_end_have_one(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply_by(lambda request: broken_off("x", f"t{request.number}"))
    made = await events_of(asked(generator))
    assert finishes_in(made) == [Finish("length", "CONTINUATION")]
    assert len(fake_gemini.requests) == 64


async def test_a_failure_in_a_later_hop_is_a_failure(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(broken_off("one ", "t1"), Stream(["two"], finish=None))
    with pytest.raises(UpstreamInvalidResponse):
        await events_of(asked(generator))


STUMBLES = ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "OTHER"]


@BOTH
@pytest.mark.parametrize("reason", STUMBLES)
async def test_an_answer_the_model_stumbled_over_is_asked_for_once_more(
    generator: GeminiGenerator, fake_gemini: FakeGemini, reason: str, *, stream: bool
) -> None:
    stumbled = {**events.finish_event(reason), "usageMetadata": events.usage(prompt=10)}
    fake_gemini.reply(Answer([stumbled]), Answer([whole("So.", tokens=2)]))
    made = await events_of(asked(generator, stream=stream, tools=TOOLS))
    assert text_in(made) == "So."
    assert made[-1] == Usage(10, 2)
    first, second = fake_gemini.requests
    assert first.json == second.json


@BOTH
async def test_it_is_asked_for_only_once_more(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    stumbled = events.finish_event("MALFORMED_FUNCTION_CALL", message="print(f())")
    fake_gemini.reply(Answer([stumbled]), Answer([stumbled]))
    with pytest.raises(UpstreamInvalidResponse) as failure:
        await events_of(asked(generator, stream=stream, tools=TOOLS))
    assert failure.value.code == "upstream_malformed_tool_call"
    assert "print(f())" in failure.value.message
    assert len(fake_gemini.requests) == 2


@BOTH
async def test_what_is_asked_for_once_more_is_not_retried(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    stumbled = Answer([events.finish_event("MALFORMED_FUNCTION_CALL")])
    fake_gemini.reply(overloaded(), stumbled, overloaded(), Text("too late"))
    with pytest.raises(UpstreamOverloaded):
        await events_of(asked(generator, stream=stream, tools=TOOLS))
    assert len(fake_gemini.requests) == 3


async def test_after_a_word_nothing_is_asked_for_again(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Stream(["one ", events.finish_event("MALFORMED_FUNCTION_CALL")]))
    with pytest.raises(UpstreamInvalidResponse):
        await events_of(asked(generator, tools=TOOLS))
    assert len(fake_gemini.requests) == 1


@BOTH
async def test_refused_penalties_are_left_out(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    refusal = Status(400, "Penalty is not enabled for this model")
    fake_gemini.reply(refusal, Text("So."))
    fields: dict[str, Any] = {"presence_penalty": 0.5, "temperature": 0.5}
    made = await events_of(asked(generator, stream=stream, model="gemini-2.0-flash", **fields))
    assert text_in(made) == "So."
    first, second = (request.json["generationConfig"] for request in fake_gemini.requests)
    assert first == {"presencePenalty": 0.5, "temperature": 0.5}
    assert second == {"temperature": 0.5}


async def test_a_refused_thinking_config_is_left_out(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(Status(400, "Thinking level is not supported for this model."), Text("So."))
    assert text_in(await events_of(asked(generator, reasoning_effort="low"))) == "So."
    first, second = (request.json["generationConfig"] for request in fake_gemini.requests)
    assert (set(first), second) == ({"thinkingConfig"}, {})


@BOTH
@pytest.mark.parametrize(
    "refusal",
    [
        Status(400, "Function call `f` is missing a thought_signature in functionCall parts."),
        Answer([events.finish_event("MISSING_THOUGHT_SIGNATURE")]),
    ],
    ids=["refused", "ended"],
)
async def test_a_signature_that_is_missed_is_skipped(
    generator: GeminiGenerator, fake_gemini: FakeGemini, refusal: Any, *, stream: bool
) -> None:
    fake_gemini.reply(refusal, Text("So."))
    messages = [*CALLED, {"role": "user", "content": "And now?"}]
    messages[1] = {
        "role": "assistant",
        "tool_calls": [
            {
                **CALLED[1]["tool_calls"][0],
                "extra_content": {"google": {"thought_signature": SIGNATURE}},
            }
        ],
    }
    made = await events_of(asked(generator, stream=stream, messages=messages, tools=TOOLS))
    assert text_in(made) == "So."
    first, second = (
        request.json["contents"][1]["parts"][0]["thoughtSignature"]
        for request in fake_gemini.requests
    )
    assert (first, second) == (SIGNATURE, SKIP_SIGNATURE)


@BOTH
async def test_a_schema_that_is_too_much_is_simplified(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    refusal = Status(400, "The specified schema produces a constraint that has too many states.")
    fake_gemini.reply(refusal, Text("{}"))
    schema = {"type": "object", "properties": {"a": {"type": "string", "enum": ["x", "y"]}}}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    await events_of(asked(generator, stream=stream, response_format=form, tools=TOOLS))
    first, second = (request.json for request in fake_gemini.requests)
    assert "enum" in str(first["tools"])
    assert "enum" in str(first["generationConfig"])
    assert "enum" not in str(second["tools"])
    assert "enum" not in str(second["generationConfig"])


@pytest.mark.parametrize(
    "message",
    ["Penalty is not enabled for this model", "schema too complex", "Something else."],
)
async def test_a_refusal_that_nothing_can_be_done_about_is_the_clients(
    generator: GeminiGenerator, fake_gemini: FakeGemini, message: str
) -> None:
    fake_gemini.reply(Status(400, message))
    with pytest.raises(InvalidRequest):
        await events_of(asked(generator))
    assert len(fake_gemini.requests) == 1


def call_part(**part: Any) -> dict[str, Any]:
    called: dict[str, Any] = {"functionCall": {"name": "f", "args": {}, "id": "x7"}, **part}
    return {"candidates": [{"content": {"parts": [called]}, "finishReason": "STOP"}]}


@BOTH
async def test_a_signature_comes_back_for_a_client_that_lost_it(
    generator: GeminiGenerator, fake_gemini: FakeGemini, *, stream: bool
) -> None:
    fake_gemini.reply(Answer([call_part(thoughtSignature=SIGNATURE)]))
    made = await events_of(asked(generator, stream=stream, tools=TOOLS))
    (call,) = [event for event in made if isinstance(event, ToolCallDelta)]
    assert (call.call_id, call.signature) == ("call_x7", SIGNATURE)
    await events_of(asked(generator, stream=stream, messages=CALLED, tools=TOOLS))
    part = fake_gemini.requests[1].json["contents"][1]["parts"][0]
    assert part["thoughtSignature"] == SIGNATURE
    assert part["functionCall"]["id"] == "call_x7"


async def test_a_signature_that_nobody_knows_is_skipped(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    await events_of(asked(generator, messages=CALLED, tools=TOOLS))
    part = fake_gemini.requests[0].json["contents"][1]["parts"][0]
    assert part["thoughtSignature"] == SKIP_SIGNATURE


async def test_numbers_beyond_64_bits_are_sent_as_they_are(
    generator: GeminiGenerator, fake_gemini: FakeGemini
) -> None:
    safety = [{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": 10**30}]
    await events_of(asked(generator, safety_settings=safety))
    assert b"1000000000000000000000000000000" in fake_gemini.requests[0].body
