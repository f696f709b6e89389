"""Kept messages to the history of a prompt: whole turns, the newest ones, within a budget."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from proxy.protocol.messages import AssistantMessage, Message, UserMessage
from proxy.store import Message as KeptMessage


def within_budget(
    kept: Sequence[KeptMessage], *, max_tokens: int, count_tokens: Callable[[str], int]
) -> list[Message]:
    """Return what the model hears of earlier turns, the oldest first.

    `kept` is newest first. A question without an answer is left out, as is an answer that failed
    before it said anything: a model that reads two questions in a row answers the first one again.
    """
    turns: list[Message] = []
    spent = 0
    for answer, question in _turns(kept):
        spent += count_tokens(answer.text) + count_tokens(question.text)
        if spent > max_tokens:
            break
        turns += [
            AssistantMessage(role="assistant", content=answer.text),
            UserMessage(role="user", content=question.text),
        ]
    return turns[::-1]


def _turns(kept: Sequence[KeptMessage]) -> list[tuple[KeptMessage, KeptMessage]]:
    """Return pairs of an answer and the question right before it, the newest first."""
    said = [one for one in kept if one.kind in {"user", "assistant"}]
    return [
        (later, earlier)
        for later, earlier in pairwise(said)
        if later.kind == "assistant" and earlier.kind == "user" and later.text
    ]
