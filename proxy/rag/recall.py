"""Whole answers that are given again: when that is safe, under which key, and what is kept.

Only an answer that says nothing of whoever asked is given to others: a single question, without
what was selected, answered from books whose operator allows it. The key has everything that the
answer depends on: the edition of those books, the model, the parameters, the scope, the level of
the reader, and the messages to the letter, with the passages in them.
"""

import hashlib
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing

import orjson

from proxy.ports import BookIndex, Cache
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.turn import Retrieved
from proxy.telemetry.metrics import CACHE_LOOKUPS

_VERSION = 1
"""Of what is kept, and of its key."""
_NOT_PARAMETERS = {"stream", "stream_options", "model", "rag", "extra_body"}
"""They change how an answer is delivered; retrieval options come merged, the model resolved."""


class AnswerMemory:
    """Remembers the answers from some books."""

    def __init__(self, cache: Cache, index: BookIndex, books: Collection[str]) -> None:
        self._cache = cache
        self._index = index
        self._books = frozenset(books)

    async def key(
        self,
        chat: ChatCompletionRequest,
        model: ResolvedModel,
        options: RagOptions,
        retrieved: Retrieved,
    ) -> str | None:
        """Return what an answer is kept under, None for one that is not to be kept.

        `chat` is as the model gets it, `retrieved` what went into it.

        Raises:
            RetrievalUnavailable: the editions of the books cannot be told.
        """
        read = {passage.chunk.book for passage in retrieved.passages}
        if not read or not read <= self._books or not _is_impersonal(chat, options):
            return None
        editions = {b.book_id: b.edition for b in await self._index.books() if b.book_id in read}
        says = {
            "version": _VERSION,
            "editions": editions,
            "model": model.upstream,
            "options": options.model_dump(mode="json"),
            "chat": chat.model_dump(mode="json", exclude=_NOT_PARAMETERS),
        }
        written = orjson.dumps(says, option=orjson.OPT_SORT_KEYS)
        return f"answer:{hashlib.sha256(written).hexdigest()}"

    async def recall(self, key: str) -> AsyncGenerator[list[ChatEvent]] | None:
        """Return the events of an answer that is kept, None where there is none."""
        kept = await self._cache.get(key)
        CACHE_LOOKUPS.add("answer", "miss" if kept is None else "hit")
        return None if kept is None else _again(kept.decode())

    async def keeping(
        self, key: str, events: AsyncGenerator[list[ChatEvent]]
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the events, and keep their text once they have ended as they should."""
        text: list[str] = []
        is_plain, has_stopped = True, False
        async with aclosing(events):
            async for batch in events:
                for event in batch:
                    if type(event) is TextDelta:
                        text.append(event.text)
                    elif type(event) is Finish:
                        has_stopped = event.reason == "stop"
                    else:
                        is_plain = is_plain and type(event) is Usage
                yield batch
        if is_plain and has_stopped and text:
            await self._cache.put(key, "".join(text).encode("utf-8", "replace"))


async def _again(text: str) -> AsyncGenerator[list[ChatEvent]]:
    """Yield an answer that costs nothing."""
    yield [TextDelta(text), Finish("stop"), Usage()]


def _is_impersonal(chat: ChatCompletionRequest, options: RagOptions) -> bool:
    """Whether the answer depends on nothing but a question that anybody may ask."""
    if options.selected_text is not None or chat.tools or (chat.n or 1) > 1 or chat.logprobs:
        return False
    asked = [message for message in chat.messages if not isinstance(message, SystemMessage)]
    if len(asked) != 1 or not isinstance(asked[0], UserMessage):
        return False
    content = asked[0].content
    return isinstance(content, str) or all(part.type == "text" for part in content)
