"""What `ports.ChatGenerator` promises, asked of every implementation."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from proxy.adapters.fallback import FallbackGenerator
from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.local.embedder import LocalEmbedder
from proxy.adapters.local.reader import OfflineReader
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ports import ChatGenerator, Grounding
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta, Usage
from tests.support.builders import make_chat_request, make_passages
from tests.support.chat_events import events_of, text_in
from tests.support.gemini_client import MODEL, open_transport
from tests.support.gemini_server import FakeGemini
from tests.support.openai_server import FakeOpenAI, open_generator

QUESTION = "How do I start the pump by hand?"
PASSAGES = make_passages(
    "Turn the brass lever to the left to start the pump by hand. It takes a minute.",
    "Open the valve before the first frost.",
)
GROUNDED = Grounding(QUESTION, PASSAGES)

Opening = Callable[[], AbstractAsyncContextManager[ChatGenerator]]


@asynccontextmanager
async def gemini() -> AsyncGenerator[ChatGenerator]:
    async with FakeGemini() as fake, open_transport(fake) as transport:
        yield GeminiGenerator(transport, SignatureCache())


@asynccontextmanager
async def offline_reader() -> AsyncGenerator[ChatGenerator]:
    embedder = LocalEmbedder(threads=1)
    try:
        yield OfflineReader(embedder)
    finally:
        embedder.close()


@asynccontextmanager
async def openai_compatible() -> AsyncGenerator[ChatGenerator]:
    async with FakeOpenAI() as fake, open_generator(fake) as opened:
        yield opened


@asynccontextmanager
async def with_a_fallback() -> AsyncGenerator[ChatGenerator]:
    async with openai_compatible() as first, openai_compatible() as second:
        yield FallbackGenerator(first, second, MODEL)


IMPLEMENTATIONS: list[Opening] = [gemini, offline_reader, openai_compatible, with_a_fallback]
"""Each opens a generator with everything it needs; another implementation is added here."""


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda opening: opening.__name__)
async def generator(request: pytest.FixtureRequest) -> AsyncIterator[ChatGenerator]:
    opening: Opening = request.param
    async with opening() as opened:
        yield opened


def stream(
    generator: ChatGenerator,
    *,
    grounding: Grounding | None = GROUNDED,
    deadline_s: float = 30,
    **fields: Any,
) -> Any:
    return generator.stream(
        make_chat_request(QUESTION, **fields),
        model=MODEL,
        grounding=grounding,
        deadline=Deadline.after(deadline_s),
    )


GROUNDINGS = [GROUNDED, Grounding(QUESTION, ()), None]


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("grounding", GROUNDINGS, ids=["passages", "no passages", "no book"])
async def test_an_answer_is_text_then_one_finish_then_usage(
    generator: ChatGenerator, grounding: Grounding | None, *, streamed: bool
) -> None:
    # `events_of` asserts that no batch is empty.
    made: list[ChatEvent] = await events_of(stream(generator, grounding=grounding, stream=streamed))
    *said, finish, usage = made
    assert said
    assert all(isinstance(event, TextDelta) and event.text for event in said)
    assert finish == Finish("stop", finish.native_reason if isinstance(finish, Finish) else None)
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens > 0
    assert usage.completion_tokens > 0
    assert text_in(made).strip()


@pytest.mark.parametrize("streamed", [True, False])
async def test_several_choices_each_have_their_end_and_share_the_usage(
    generator: ChatGenerator, *, streamed: bool
) -> None:
    made: list[ChatEvent] = await events_of(stream(generator, stream=streamed, n=3))
    assert isinstance(made.pop(), Usage)
    ended: list[int] = []
    for event in made:
        assert isinstance(event, TextDelta | Finish)
        assert event.index not in ended
        if isinstance(event, Finish):
            ended.append(event.index)
    assert sorted(ended) == [0, 1, 2]
    assert all(text_in(made, index).strip() for index in range(3))


async def test_one_generator_answers_many_times(generator: ChatGenerator) -> None:
    first = await events_of(stream(generator, stream=True))
    assert text_in(await events_of(stream(generator, stream=True))) == text_in(first)


async def test_it_can_be_closed_before_it_began(generator: ChatGenerator) -> None:
    await stream(generator, stream=True).aclose()


async def test_it_can_be_closed_in_the_midst_and_says_no_more(generator: ChatGenerator) -> None:
    batches = stream(generator, stream=True)
    assert await anext(batches)
    await batches.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_after_its_end_it_says_no_more(generator: ChatGenerator) -> None:
    batches = stream(generator, stream=True)
    await events_of(batches)
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_a_deadline_that_has_passed_is_an_error(generator: ChatGenerator) -> None:
    with pytest.raises(ProxyError) as failure:
        await events_of(stream(generator, deadline_s=-1))
    assert failure.value.status == 504


async def test_a_generator_that_works_passes_its_check(generator: ChatGenerator) -> None:
    await generator.check()
