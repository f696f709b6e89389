"""What is traced answers as it does without, and a span ends whatever becomes of the call."""

from collections.abc import AsyncGenerator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from proxy.adapters.traced import TracedEmbedder, TracedGenerator
from proxy.deadline import Deadline
from proxy.errors import UpstreamOverloaded, UpstreamTimeout
from proxy.ports import Grounding
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import UserMessage
from proxy.telemetry.tracing import Tracing
from tests.support.core_ports import LengthEmbedder
from tests.support.waiting import ample_time

CHAT = ChatCompletionRequest(
    model="gpt-4o", messages=[UserMessage(role="user", content="Why?")], stream=True
)


class Scripted:
    """Says what it was given, and fails where that is a failure."""

    def __init__(self, *said: list[ChatEvent] | Exception) -> None:
        self._said = said
        self.is_closed = False

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Say it."""
        del request, model, grounding, deadline
        try:
            for one in self._said:
                if isinstance(one, Exception):
                    raise one
                yield one
        finally:
            self.is_closed = True

    async def check(self) -> None:
        """Be out of order."""
        raise UpstreamOverloaded("no")


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """What was traced."""
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> Tracing:
    """What makes spans."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Tracing(provider.get_tracer("tests"), has_contents=False)


def _stream(scripted: Scripted, tracing: Tracing) -> AsyncGenerator[list[ChatEvent]]:
    traced = TracedGenerator(scripted, tracing, "gcp.gemini")
    return traced.stream(CHAT, model="some", grounding=None, deadline=ample_time())


async def test_an_answer_comes_through_and_is_told_of(
    spans: InMemorySpanExporter, tracing: Tracing
) -> None:
    said: list[list[ChatEvent]] = [
        [AnsweredBy("another"), TextDelta("one ")],
        [TextDelta("two"), Finish("stop"), Usage(prompt_tokens=5, completion_tokens=2)],
    ]
    assert [batch async for batch in _stream(Scripted(*said), tracing)] == said
    (span,) = spans.get_finished_spans()
    assert span.name == "chat some"
    assert span.attributes is not None
    assert span.attributes["gen_ai.response.model"] == "another"
    assert span.attributes["gen_ai.usage.input_tokens"] == 5
    assert span.attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert "gen_ai.input.messages" not in span.attributes


async def test_a_failure_is_raised_and_told_by_its_code(
    spans: InMemorySpanExporter, tracing: Tracing
) -> None:
    scripted = Scripted([TextDelta("one")], UpstreamTimeout("private words"))
    with pytest.raises(UpstreamTimeout):
        _ = [batch async for batch in _stream(scripted, tracing)]
    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "upstream_timeout"
    assert "private words" not in span.to_json()


async def test_a_reader_who_goes_away_ends_the_span_and_the_call(
    spans: InMemorySpanExporter, tracing: Tracing
) -> None:
    scripted = Scripted([TextDelta("one")], [TextDelta("two")])
    answer = _stream(scripted, tracing)
    await anext(answer)
    await answer.aclose()
    assert scripted.is_closed
    (span,) = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "cancelled"


async def test_vectors_come_through_and_checks_too(
    spans: InMemorySpanExporter, tracing: Tracing
) -> None:
    plain = LengthEmbedder()
    traced = TracedEmbedder(plain, tracing, "local")
    assert (traced.model, traced.dimensions) == (plain.model, plain.dimensions)
    assert traced.relevance_floor == plain.relevance_floor
    assert traced.count_tokens("three words here") == plain.count_tokens("three words here")
    made = await traced.embed(["a"], role="query", deadline=ample_time())
    assert len(made.vectors) == 1
    (span,) = spans.get_finished_spans()
    assert span.name == f"embeddings {plain.model}"
    with pytest.raises(UpstreamOverloaded):
        await TracedGenerator(Scripted(), tracing, "x").check()
