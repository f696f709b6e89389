"""`ports.ChatGenerator` on Gemini: the request down, the events up.

A choice is a call of its own (`choice.py`): `candidateCount` above 1 is refused by newer models.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from proxy.adapters.gemini.choice import Choice
from proxy.adapters.gemini.media import inlined
from proxy.adapters.gemini.parallel import merged
from proxy.adapters.gemini.request import chat_to_gemini
from proxy.adapters.gemini.response import usage_sum
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.ports import Grounding, ImageFetcher
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest

_CHECK_TIMEOUT_S = 5.0


class GeminiGenerator:
    """Answers a chat with a Gemini model."""

    def __init__(
        self,
        transport: GeminiTransport,
        signatures: SignatureCache,
        images: ImageFetcher | None = None,
    ) -> None:
        self._transport = transport
        self._signatures = signatures
        self._images = images

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,  # noqa: ARG002 - the messages hold it already
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer's events; see `ports.ChatGenerator.stream`."""
        request = await inlined(request, self._images, deadline)
        asked = chat_to_gemini(
            request, model, self._signatures.find, on_vertex=self._transport.access.is_vertex
        )
        choices = [
            Choice(
                self._transport,
                self._signatures,
                model,
                deadline,
                index=index,
                is_stream=bool(request.stream),
            )
            for index in range(request.n or 1)
        ]
        if len(choices) == 1:
            answer = choices[0].events(asked, reports_usage=True)
        else:
            answer = merged([choice.events(asked) for choice in choices])
        async with aclosing(answer):
            async for batch in answer:
                yield batch
        if len(choices) > 1:
            yield [usage_sum([choice.usage for choice in choices], shares_prompt=True)]

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""
        await self._transport.check(Deadline.after(_CHECK_TIMEOUT_S))
