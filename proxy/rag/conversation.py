"""What was asked and answered before the last question. Pure."""

from dataclasses import dataclass

from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.messages import AssistantMessage, UserMessage

_MAX_QUESTIONS = 6
_MAX_CHARS = 1_000
_MAX_ANSWER_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns before the last question, cut to what helps to understand it."""

    questions: tuple[str, ...] = ()
    """The last few, the oldest first."""
    answer: str = ""
    """The last answer, markers and all; its end where it is long."""


def conversation_of(chat: ChatCompletionRequest) -> Conversation:
    """Return what came before the last user turn."""
    questions: list[str] = []
    answer = ""
    for message in _before_last_question(chat):
        if isinstance(message, UserMessage):
            questions.append(text_of(message.content).strip()[:_MAX_CHARS])
        elif isinstance(message, AssistantMessage) and (said := text_of(message.content).strip()):
            answer = said[-_MAX_ANSWER_CHARS:]
    return Conversation(tuple(q for q in questions if q)[-_MAX_QUESTIONS:], answer)


def _before_last_question(chat: ChatCompletionRequest) -> list[object]:
    at = max((i for i, m in enumerate(chat.messages) if isinstance(m, UserMessage)), default=0)
    return list(chat.messages[:at])
