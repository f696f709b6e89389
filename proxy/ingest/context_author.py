"""`ports.ContextAuthor` by a language model. Opened only where contexts are asked for."""

import asyncio
from contextlib import aclosing
from html import escape
from importlib.resources import files

from proxy.deadline import Deadline
from proxy.errors import UpstreamFailed, UpstreamTimeout
from proxy.ports import ChatGenerator
from proxy.protocol.chat_events import TextDelta, model_in
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage

_RULES = files("proxy.ingest").joinpath("templates/context.md").read_text(encoding="utf-8").strip()
_MAX_TOKENS = 200


class LlmContextAuthor:
    """Asks a model, one passage a call."""

    def __init__(self, generator: ChatGenerator, model: str) -> None:
        self._generator = generator
        self._model = model

    async def write(self, page: str, passage: str, *, deadline: Deadline) -> str:
        """See `ports.ContextAuthor.write`."""
        # The page comes first: what calls have in common at their beginning, Gemini charges less.
        content = (
            f"<page>\n{escape(page, quote=False)}\n</page>\n"
            f"<passage>\n{escape(passage, quote=False)}\n</passage>"
        )
        try:
            async with asyncio.timeout(deadline.remaining_s()):
                said = await self._ask(content, deadline)
        except TimeoutError as exc:
            raise UpstreamTimeout("Writing the context of a passage took too long.") from exc
        context = " ".join(said.split()).strip("`\"'“” ")
        if not context:
            raise UpstreamFailed("The model wrote no context.")
        return context

    async def _ask(self, content: str, deadline: Deadline) -> str:
        request = ChatCompletionRequest(
            model=self._model,
            messages=[
                SystemMessage(role="system", content=_RULES),
                UserMessage(role="user", content=content),
            ],
            max_tokens=_MAX_TOKENS,
            temperature=0.0,
        )
        events = self._generator.stream(
            request, model=self._model, grounding=None, deadline=deadline
        )
        said: list[str] = []
        async with aclosing(events):
            async for batch in events:
                if model_in(batch):  # a stand-in, maybe one that only quotes
                    raise UpstreamFailed("The fast model did not answer; another one would have.")
                said += [event.text for event in batch if isinstance(event, TextDelta)]
        return "".join(said)
