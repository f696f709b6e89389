"""`ports.Reranker` by a language model that reads all passages at once and names the best."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from html import escape
from importlib.resources import files

from proxy.deadline import Deadline
from proxy.errors import UpstreamFailed, UpstreamTimeout
from proxy.ports import ChatGenerator
from proxy.protocol.chat_events import TextDelta
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage

_RULES = files("proxy.rag").joinpath("templates/rerank.md").read_text(encoding="utf-8").strip()
_MAX_CHARS = 1_200
"""Of one passage; what it is about stands at its beginning."""
_MAX_TOKENS = 300
_NUMBER = re.compile(r"\d{1,3}")


class LlmReranker:
    """Asks a model within a hard limit of time."""

    def __init__(self, generator: ChatGenerator, model: str, limit_s: float) -> None:
        self._generator = generator
        self._model = model
        self._limit_s = limit_s

    async def order(
        self, question: str, texts: Sequence[str], *, deadline: Deadline
    ) -> Sequence[int]:
        """See `ports.Reranker.order`."""
        limit = Deadline.after(deadline.within(self._limit_s))
        try:
            async with asyncio.timeout(limit.remaining_s()):
                said = await self._ask(_listed(question, texts), limit)
        except TimeoutError as exc:
            raise UpstreamTimeout(f"Reranking took over {self._limit_s:.2g} seconds.") from exc
        numbers = [int(number) - 1 for number in _NUMBER.findall(said)]
        if not any(0 <= number < len(texts) for number in numbers):
            raise UpstreamFailed("The reranking model named no passage.")
        return numbers

    async def _ask(self, content: str, limit: Deadline) -> str:
        request = ChatCompletionRequest(
            model=self._model,
            messages=[
                SystemMessage(role="system", content=_RULES),
                UserMessage(role="user", content=content),
            ],
            max_tokens=_MAX_TOKENS,
            temperature=0.0,
        )
        events = self._generator.stream(request, model=self._model, grounding=None, deadline=limit)
        said: list[str] = []
        async with aclosing(events):
            async for batch in events:
                said += [event.text for event in batch if isinstance(event, TextDelta)]
        return "".join(said)


def _listed(question: str, texts: Sequence[str]) -> str:
    """Return question and passages inside tags that nothing in them can close."""
    passages = (
        f'<passage number="{n}">{escape(text[:_MAX_CHARS], quote=False)}</passage>'
        for n, text in enumerate(texts, start=1)
    )
    return "\n".join([*passages, f"<question>{escape(question, quote=False)}</question>"])
