"""`ports.ChatGenerator` on Gemini: the request down, the events up."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson

from proxy.adapters.gemini.request import chat_to_gemini
from proxy.adapters.gemini.stream import AnswerReader
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.ports import Grounding
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest

_CHECK_TIMEOUT_S = 5.0


class GeminiGenerator:
    """Answers a chat with a Gemini model."""

    def __init__(self, transport: GeminiTransport) -> None:
        self._transport = transport

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,  # noqa: ARG002 - the messages hold it already
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events; see `ports.ChatGenerator.stream`."""
        body = orjson.dumps(chat_to_gemini(request, model))
        reader = AnswerReader()
        if not request.stream:
            response = await self._transport.call(model, "generateContent", body, deadline)
            yield reader.feed([response]) + reader.finish()
            return
        async with aclosing(self._transport.stream(model, body, deadline)) as batches:
            async for batch in batches:
                if events := reader.feed(batch):
                    yield events
        yield reader.finish()

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""
        await self._transport.check(Deadline.after(_CHECK_TIMEOUT_S))
