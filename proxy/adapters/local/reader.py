"""The offline reader: answers by quoting the sentences of the book that answer, with their `[n]`.

Implements `ports.ChatGenerator` without a language model. It invents nothing: what it says is in a
passage, word for word, or one of the fixed lines of `wording.py`. Equal requests have equal
answers.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from proxy.adapters.local.delivery import batches, cut_at_stop, cut_to_length
from proxy.adapters.local.gist import asks_for_gist, by_centrality
from proxy.adapters.local.relevance import score_units, worth_comparing
from proxy.adapters.local.selection import select
from proxy.adapters.local.units import Unit, units_of
from proxy.adapters.local.wording import NOT_ASKED, NOT_SEARCHED, not_found, quote, small_talk
from proxy.corpus import Passage
from proxy.deadline import Deadline
from proxy.errors import UnsupportedParameter
from proxy.ports import Embedder, Grounding
from proxy.protocol.chat_events import ChatEvent, Finish, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of

MAX_UNITS = 160
"""Pieces compared with the question: more than eight passages of 220 tokens have."""
MAX_NEARBY = 3
"""Places named where nothing answers."""
_COUNTED_CHARS = 4_000
_MAX_QUESTION_CHARS = 1_000


class OfflineReader:
    """Quotes the passages it is given.

    Args:
        embedder: compares pieces with the question; thresholds are tuned for `LocalEmbedder`.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,  # noqa: ARG002 - there is but this one
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Yield the answer in small batches, one choice after the other.

        Raises:
            UnsupportedParameter: a call or JSON is demanded, which quoting cannot give.
            UpstreamTimeout: the deadline passed while sentences were compared.
        """
        _check(request)
        answer = await self._answer(request, grounding, deadline)
        text, reason, tokens = await asyncio.to_thread(
            cut_to_length,
            cut_at_stop(answer, request.stop_sequences),
            request.output_limit,
            self._embedder.count_tokens,
        )
        choices = request.n or 1
        for index in range(choices):
            for batch in batches(text, index):
                yield batch
            yield [Finish(reason, index=index)]
        prompt = "\n".join(text_of(message.content) for message in request.messages)
        prompt_tokens = self._estimated_tokens(prompt)
        yield [Usage(prompt_tokens=prompt_tokens, completion_tokens=tokens * choices)]

    def _estimated_tokens(self, text: str) -> int:
        """Return the tokens of a text, of a long one by its beginning.

        The tokenizer holds the interpreter for as long as it reads: four seconds for 4 MB.
        """
        sample = text[:_COUNTED_CHARS]
        counted = self._embedder.count_tokens(sample)
        return counted * len(text) // len(sample) if sample else 0

    async def check(self) -> None:
        """Return: there is nothing to reach."""

    async def _answer(
        self, request: ChatCompletionRequest, grounding: Grounding | None, deadline: Deadline
    ) -> str:
        """Return the whole answer as Markdown."""
        asked = grounding.question if grounding else last_user_text(request)
        # Patterns look at it for every piece of every passage.
        question = " ".join(asked[:_MAX_QUESTION_CHARS].split())
        talk = small_talk(question)
        if talk is not None:
            return talk
        if grounding is None:
            return NOT_ASKED
        if not grounding.was_searched:
            return NOT_SEARCHED
        units = await asyncio.to_thread(units_of_passages, grounding.passages)
        selected = [u for u in units if grounding.passages[u.passage].chunk.is_selection]
        if selected and asks_for_gist(question):
            return await self._gist(selected, deadline)
        nearby = grounding.nearby or grounding.passages[:MAX_NEARBY]
        candidates = await asyncio.to_thread(worth_comparing, question, units)
        if not candidates:
            return not_found(nearby)
        embedded = await self._embedder.embed(
            [question, *(unit.in_context for unit in candidates)],
            role="unspecified",
            deadline=deadline,
        )
        scored = await asyncio.to_thread(
            score_units, question, embedded.vectors[0], candidates, embedded.vectors[1:]
        )
        return quote(select(scored, units)) or not_found(nearby)

    async def _gist(self, units: Sequence[Unit], deadline: Deadline) -> str:
        """Return what says most of a text."""
        texts = [unit.in_context for unit in units]
        embedded = await self._embedder.embed(texts, role="unspecified", deadline=deadline)
        scored = await asyncio.to_thread(by_centrality, units, embedded.vectors)
        return quote(select(scored, units, floor=0.0))


def _check(request: ChatCompletionRequest) -> None:
    if request.declared_tools and request.choice.mode == "required":
        param = "function_call" if request.uses_legacy_functions else "tool_choice"
        raise UnsupportedParameter("The offline reader calls no tools.", param=param)
    if request.wants_json:
        raise UnsupportedParameter(
            "The offline reader quotes text and writes no JSON.", param="response_format"
        )


def units_of_passages(passages: Sequence[Passage]) -> list[Unit]:
    """Return the pieces of all passages in order, at most `MAX_UNITS`."""
    units: list[Unit] = []
    for i, passage in enumerate(passages):
        headings = () if passage.chunk.is_selection else passage.chunk.heading_path[-2:]
        heading = " › ".join(headings)
        units += units_of(passage.chunk.text, passage=i, heading=heading)
    return units[:MAX_UNITS]


def last_user_text(request: ChatCompletionRequest) -> str:
    """Return what the person said last; "" where nobody did."""
    texts = [text_of(m.content) for m in request.messages if m.role == "user"]
    return texts[-1] if texts else ""
