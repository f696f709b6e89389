"""Kept messages to the history of a prompt: whole turns, the newest ones, within a budget."""

from collections.abc import Callable, Sequence

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
        spent += count_tokens(answer) + count_tokens(question)
        if spent > max_tokens:
            break
        turns += [
            AssistantMessage(role="assistant", content=answer),
            UserMessage(role="user", content=question),
        ]
    return turns[::-1]


def _turns(kept: Sequence[KeptMessage]) -> list[tuple[str, str]]:
    """Return answers with the questions right before them, the newest first.

    What was said before a call and behind its result is one answer.
    """
    turns: list[tuple[str, str]] = []
    answer: list[str] = []
    for one in kept:
        if one.kind == "assistant" and one.text:
            answer.insert(0, one.text)
        elif one.kind == "user":
            if answer:
                turns.append(("\n\n".join(answer), one.text))
            answer = []
    return turns
