"""A name for a conversation, from the question that it begins with."""

import re
from contextlib import aclosing
from dataclasses import dataclass

from proxy.deadline import Deadline
from proxy.dialogue.answer import AnswerSoFar
from proxy.errors import ProxyError
from proxy.protocol.chat_events import Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import SystemMessage, UserMessage
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.pipeline import Pipeline
from proxy.rag.sources import SourceLinks
from proxy.telemetry.logs import log

_ORDER = (
    "Name the conversation that begins with the user's message. Do not answer the message. Reply "
    "with the name alone: two to six words in the language of the message, without quotation marks "
    "and without a full stop."
)
_QUESTION_CHARS = 2_000
_TITLE_CHARS = 80
_LIMIT_S = 5.0
_AROUND = re.compile(r"^[\s\"'“”‘’«»*_#`]+|[\s\"'“”‘’«»*_`.]+$")  # noqa: RUF001 - quotation marks


@dataclass(frozen=True, slots=True)
class Named:
    """A title, and what it cost."""

    title: str
    usage: Usage


async def name_for(
    question: str, *, pipeline: Pipeline, model: str, links: SourceLinks
) -> Named | None:
    """Return a title, None where none can be had: nobody misses it enough for an error."""
    chat = ChatCompletionRequest(
        model=model,
        messages=[
            SystemMessage(role="system", content=_ORDER),
            UserMessage(role="user", content=question[:_QUESTION_CHARS]),
        ],
        stream=True,
    )
    so_far = AnswerSoFar(model)
    try:
        answer = await pipeline.answer(
            chat,
            ResolvedModel(model, model),
            RagOptions(enabled=False),
            links=links,
            deadline=Deadline.after(_LIMIT_S),
        )
        async with aclosing(answer.events):
            async for batch in answer.events:
                so_far.feed(batch)
    except ProxyError as exc:
        log.info("no_title", code=exc.code)
        return None
    lines = so_far.whole_text.strip().splitlines() or [""]
    return Named(_AROUND.sub("", lines[0])[:_TITLE_CHARS], so_far.usage)
