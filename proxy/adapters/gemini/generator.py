"""`ports.ChatGenerator` on Gemini: the request down, the events up.

A choice is a call of its own (`choice.py`): `candidateCount` above 1 is refused by newer models.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from proxy.adapters.gemini.choice import Choice
from proxy.adapters.gemini.fences import without_fences
from proxy.adapters.gemini.media import inlined
from proxy.adapters.gemini.parallel import merged
from proxy.adapters.gemini.permissions import CLOSED, Permissions, check_permitted
from proxy.adapters.gemini.profiles import Profile, profile_of
from proxy.adapters.gemini.request import Translated, chat_to_gemini
from proxy.adapters.gemini.response import usage_sum
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import CHECK_TIMEOUT_S, Deadline
from proxy.ports import Grounding, ImageFetcher
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest


class GeminiGenerator:
    """Answers a chat with a Gemini model.

    `profile` says what the model of a name can do: the built-in table, or what the upstream's own
    list makes of it (`catalog.py`). `permissions` says what clients may ask for.
    """

    def __init__(
        self,
        transport: GeminiTransport,
        signatures: SignatureCache,
        images: ImageFetcher | None = None,
        profile: Callable[[str], Profile] = profile_of,
        permissions: Permissions = CLOSED,
    ) -> None:
        self._transport = transport
        self._signatures = signatures
        self._images = images
        self._profile_of = profile
        self._permissions = permissions

    def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Return the answer's events; see `ports.ChatGenerator.stream`."""

        async def translated() -> Translated:
            check_permitted(request, self._permissions)
            chat = request
            if chat.has_parts:
                chat = await inlined(chat, self._images, deadline)
            is_vertex = self._transport.access.is_vertex
            profile = self._profile_of(model)
            return chat_to_gemini(
                chat,
                profile,
                self._signatures.find,
                on_vertex=is_vertex,
                enough_effort=grounding and grounding.effort,
            )

        def choice(index: int) -> Choice:
            is_stream = bool(request.stream)
            transport, signatures = self._transport, self._signatures
            return Choice(transport, signatures, model, deadline, index=index, is_stream=is_stream)

        if request.n is None or request.n == 1:
            events = choice(0).events(translated, reports_usage=True)
        else:
            events = _side_by_side([choice(index) for index in range(request.n)], translated)
        return without_fences(events) if request.wants_json else events

    async def check(self) -> None:
        """See `ports.ChatGenerator.check`."""
        await self._transport.check(Deadline.after(CHECK_TIMEOUT_S))


async def _side_by_side(
    choices: list[Choice], translated: Callable[[], Awaitable[Translated]]
) -> AsyncGenerator[list[ChatEvent]]:
    asked = await translated()

    async def same() -> Translated:
        return asked

    async with aclosing(merged([choice.events(same) for choice in choices])) as answer:
        async for batch in answer:
            yield batch
    yield [usage_sum([choice.usage for choice in choices], shares_prompt=True)]
