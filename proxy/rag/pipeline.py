"""The stations of a question, in order; the only file that knows it.

lookup (query → retrieve) → prompt → generate (`ports.ChatGenerator`), or recall →
citations.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from proxy.deadline import Deadline
from proxy.ports import ChatGenerator, Embedder, Grounding
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.citations import cite
from proxy.rag.known_links import KnownLinks
from proxy.rag.lookup import Lookup
from proxy.rag.prompt import augmented, clients_param, enough_effort
from proxy.rag.recall import AnswerMemory
from proxy.rag.sources import SourceLinks
from proxy.rag.turn import RagStatus, Retrieved


@dataclass(slots=True)
class Answer:
    """An answer that has begun: what is known before its first event, and its events."""

    rag_status: RagStatus
    """As it is told; `retrieved.status` is `grounded` also where words alone were searched for."""
    rag_reason: str | None
    events: AsyncGenerator[list[ChatEvent]]
    """Close it: that is what ends the upstream call."""
    chat: ChatCompletionRequest
    """The client's own."""
    retrieved: Retrieved
    is_recalled: bool = False
    """Whether it was written for somebody before."""
    is_lost: bool = False
    """Whether its question could not be saved, so that it will not be either."""

    def clients_param(self, param: str | None) -> str | None:
        """Return what the client calls `param` of an error that `events` raised.

        Neither our rules nor the passages are counted in it.
        """
        return param and clients_param(param, self.chat, self.retrieved)


class Pipeline:
    """Answers chats from the books.

    Args:
        embedder: helps to check citations; None where that would cost a call.
        memory: of whole answers; None where every one is to be written anew.
    """

    def __init__(
        self,
        generator: ChatGenerator,
        lookup: Lookup,
        embedder: Embedder | None = None,
        memory: AnswerMemory | None = None,
    ) -> None:
        self._generator = generator
        self._lookup = lookup
        self._embedder = embedder
        self._memory = memory

    @property
    def remembers(self) -> bool:
        """Whether an answer may have been written for somebody before."""
        return self._memory is not None

    async def answer(
        self,
        chat: ChatCompletionRequest,
        model: ResolvedModel,
        options: RagOptions,
        *,
        links: SourceLinks,
        deadline: Deadline,
        may_recall: bool = True,
    ) -> Answer:
        """Look the question up and begin to answer it; the upstream is called on the first event.

        `may_recall` False: whoever asks knows the answer there is, and wants another.

        Raises:
            ProxyError: the request is wrong or asks for what cannot be done, or the book cannot be
                searched and the policy is `fail`. Failures of the generator are raised by
                `Answer.events`.
        """
        chat.check_supported()
        retrieved = await self._lookup.find(chat, options, deadline)
        is_off = retrieved.status == "off"
        asked = augmented(chat, retrieved, options.reader)
        key = recalled = None
        if self._memory is not None:
            key = await self._memory.key(asked, model, options, retrieved)
            recalled = await self._memory.recall(key) if key and may_recall else None
        events = recalled or self._generator.stream(
            asked,
            model=model.upstream,
            grounding=None if is_off else _grounding(chat, retrieved),
            deadline=deadline,
        )
        if self._memory is not None and key and recalled is None:
            events = self._memory.keeping(key, events)
        if not is_off:
            events = cite(
                events,
                retrieved,
                links,
                is_known=KnownLinks(chat, retrieved, links).is_known,
                marks=not chat.wants_json,
                append_sources=options.append_sources,
                embedder=self._embedder,
            )
        is_recalled = recalled is not None
        status = "degraded" if retrieved.is_by_words_alone else retrieved.status
        return Answer(status, retrieved.reason, events, chat, retrieved, is_recalled)


def _grounding(chat: ChatCompletionRequest, retrieved: Retrieved) -> Grounding:
    return Grounding(
        retrieved.query,
        retrieved.passages,
        was_searched=retrieved.status != "degraded",
        nearby=retrieved.nearby,
        effort=enough_effort(chat),
    )
