"""Station 1: a conversation to the question the book is searched for."""

from proxy.protocol.chat_request import ChatCompletionRequest, UserMessage, text_of

MAX_QUERY_CHARS = 4_000
"""Embedding models read a few hundred tokens; of a longer text both ends are kept, for a question
stands before or behind what it is about."""


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
