"""Station 1: a conversation to the question the book is searched for."""

from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.messages import FunctionMessage, ToolMessage, UserMessage
from proxy.rag.ui_requests import is_ui_request

MAX_QUERY_CHARS = 4_000
"""Embedding models read a few hundred tokens; of a longer text both ends are kept, for a question
stands before or behind what it is about."""


def reason_not_to_look(chat: ChatCompletionRequest) -> str | None:
    """Return why this turn asks the book nothing, None where it does.

    The results of tools go back to the model as they are: passages between a call and its result
    would be refused, and the question was looked up when it was asked. What a chat UI asks for
    itself, such as a title, is not about the book.
    """
    if isinstance(chat.messages[-1], ToolMessage | FunctionMessage):
        return "tool-result"
    return "ui-request" if is_ui_request(chat) else None


def search_query(chat: ChatCompletionRequest) -> str:
    """Return the text of the last user turn, "" where there is none."""
    for message in reversed(chat.messages):
        if isinstance(message, UserMessage):
            text = text_of(message.content).strip()
            if len(text) > MAX_QUERY_CHARS:
                half = MAX_QUERY_CHARS // 2
                return f"{text[:half]} … {text[-half:]}"
            return text
    return ""
