"""`ports.ChatGenerator` and `ports.Embedder` with a span around every call; there while traces are.

Spans hold models, tokens, times and codes; questions and answers only where the operator says so.
"""

import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING

from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ports import ChatGenerator, Embedder, Embeddings, Grounding, TextRole
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.telemetry.tracing import Tracing, failed, message

if TYPE_CHECKING:
    from opentelemetry.trace import Span


class TracedGenerator:
    """Traces what another generator answers; `provider` is the conventions' name for it."""

    def __init__(self, generator: ChatGenerator, tracing: Tracing, provider: str) -> None:
        self._generator = generator
        self._tracing = tracing
        self._provider = provider

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events; see `ports.ChatGenerator.stream`."""
        span = self._tracing.client_span(
            "chat",
            model,
            {"gen_ai.provider.name": self._provider, "gen_ai.request.stream": bool(request.stream)},
        )
        began_s = time.perf_counter()
        heard = _Heard(has_contents=self._tracing.has_contents)
        if self._tracing.has_contents:
            asked = message("user", "\n".join(text_of(m.content) for m in request.messages))
            span.set_attribute("gen_ai.input.messages", asked)
        with _ended(span):
            answer = self._generator.stream(
                request, model=model, grounding=grounding, deadline=deadline
            )
            async with aclosing(answer):
                async for batch in answer:
                    if not heard.batches:
                        took_s = time.perf_counter() - began_s
                        span.set_attribute("gen_ai.response.time_to_first_chunk", took_s)
                    heard.feed(batch)
                    yield batch
            heard.write(span)

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""
        await self._generator.check()


class _Heard:
    """What a span says of an answer."""

    def __init__(self, *, has_contents: bool) -> None:
        self.batches = 0
        self._text: list[str] | None = [] if has_contents else None
        self._model: str | None = None
        self._finish_reasons: list[str] = []
        self._usage = Usage()

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch."""
        self.batches += 1
        for event in batch:
            if isinstance(event, TextDelta) and self._text is not None:
                self._text.append(event.text)
            elif isinstance(event, Usage):
                self._usage = event
            elif isinstance(event, Finish):
                self._finish_reasons.append(event.reason)
            elif isinstance(event, AnsweredBy):
                self._model = event.model

    def write(self, span: "Span") -> None:
        """Say it."""
        span.set_attribute("gen_ai.usage.input_tokens", self._usage.prompt_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", self._usage.completion_tokens)
        span.set_attribute("gen_ai.response.finish_reasons", self._finish_reasons)
        if self._model is not None:
            span.set_attribute("gen_ai.response.model", self._model)
        if self._text is not None:
            text = message("assistant", "".join(self._text))
            span.set_attribute("gen_ai.output.messages", text)


class TracedEmbedder:
    """Traces what another embedder embeds."""

    def __init__(self, embedder: Embedder, tracing: Tracing, provider: str) -> None:
        self._embedder = embedder
        self._tracing = tracing
        self._provider = provider
        self.model = embedder.model
        self.dimensions = embedder.dimensions
        self.relevance_floor = embedder.relevance_floor
        self.count_tokens = embedder.count_tokens

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """See `ports.Embedder.embed`."""
        size = dimensions or self.dimensions
        about = {
            "gen_ai.provider.name": self._provider,
            "gen_ai.embeddings.dimension.count": size,
        }
        span = self._tracing.client_span("embeddings", model or self.model, about)
        with _ended(span):
            embedded = await self._embedder.embed(
                texts, role=role, deadline=deadline, dimensions=dimensions, model=model
            )
            span.set_attribute("gen_ai.usage.input_tokens", embedded.tokens)
        return embedded


@contextmanager
def _ended(span: "Span") -> Generator[None]:
    """End a span with what is in it, however that ends."""
    try:
        yield
    except ProxyError as exc:
        failed(span, exc.code)
        raise
    except BaseException as exc:
        failed(span, "cancelled" if not isinstance(exc, Exception) else type(exc).__name__)
        raise
    finally:
        span.end()
