"""Asks the fast model what a question means that does not stand alone."""

import asyncio
import re
from contextlib import aclosing
from html import escape
from importlib.resources import files

from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ports import ChatGenerator
from proxy.protocol.chat_events import TextDelta, model_in
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage
from proxy.rag.conversation import Conversation
from proxy.rag.markers import without_markers
from proxy.telemetry.logs import log

_RULES = files("proxy.rag").joinpath("templates/rewrite.md").read_text(encoding="utf-8").strip()
_MAX_QUERY_CHARS = 400
_MAX_TOKENS = 200
_ANSWER_CHARS = 800
_DECORATION = re.compile(r"^(?:search )?(?:query|question)\s*:\s*", re.IGNORECASE)


class Rewriter:
    """Rewrites questions within a hard limit of time."""

    def __init__(self, generator: ChatGenerator, model: str, limit_s: float) -> None:
        self._generator = generator
        self._model = model
        self._limit_s = limit_s

    async def rewrite(
        self, question: str, conversation: Conversation, deadline: Deadline
    ) -> str | None:
        """Return the question as one that stands alone; None where that failed or took too long."""
        limit = Deadline.after(deadline.within(self._limit_s))
        try:
            async with asyncio.timeout(limit.remaining_s()):
                return _query_in(await self._ask(question, conversation, limit))
        except (TimeoutError, ProxyError) as exc:
            log.warning("question_not_rewritten", reason=type(exc).__name__)
            return None

    async def _ask(self, question: str, conversation: Conversation, limit: Deadline) -> str:
        request = ChatCompletionRequest(
            model=self._model,
            messages=[
                SystemMessage(role="system", content=_RULES),
                UserMessage(role="user", content=_transcript(question, conversation)),
            ],
            max_tokens=_MAX_TOKENS,
            temperature=0.0,
        )
        events = self._generator.stream(request, model=self._model, grounding=None, deadline=limit)
        said: list[str] = []
        async with aclosing(events):
            async for batch in events:
                if model_in(batch):  # a stand-in, maybe one that only quotes
                    return ""
                said += [event.text for event in batch if isinstance(event, TextDelta)]
        return "".join(said)


def _transcript(question: str, conversation: Conversation) -> str:
    """Return the conversation inside tags that nothing in it can close."""
    turns = [f"<asked>{escape(q, quote=False)}</asked>" for q in conversation.questions]
    if answer := without_markers(conversation.answer)[:_ANSWER_CHARS]:
        turns.append(f"<answered>{escape(answer, quote=False)}</answered>")
    turns.append(f"<last_question>{escape(question, quote=False)}</last_question>")
    return "\n".join(turns)


def _query_in(said: str) -> str | None:
    """Return the query in what the model said; None where it said something else."""
    query = _DECORATION.sub("", said.strip().strip("`\"'“”").strip())
    return query if query and "\n" not in query and len(query) <= _MAX_QUERY_CHARS else None
