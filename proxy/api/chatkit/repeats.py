"""A question that comes twice: ChatKit.js sends again, silently, what it has no answer to.

It was seen to do so five times in 25 seconds. A repeated question takes the place of the one
before, so that nothing stands doubled in a thread; one whose answer has just ended gets that. In
one process the second waits for the first (`dialogue/in_turn.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from proxy.api.chatkit.items import frame_of, input_of
from proxy.api.chatkit.user_input import UserInput
from proxy.caller import Caller
from proxy.store import Conversation, Conversations, Message

_UNANSWERED = timedelta(seconds=30)
_ANSWERED = timedelta(seconds=5)
"""Shorter than anybody reads an answer and asks the same again."""
_LAST_MESSAGES = 6


@dataclass(frozen=True, slots=True)
class Repeated:
    """The question that is there already."""

    thread: Conversation
    question: Message
    answer: list[Message]
    """What stands behind it, if that is an answer that has ended well; in its order."""


async def repeated_in(
    conversations: Conversations,
    caller: Caller,
    thread: Conversation,
    *,
    said: UserInput,
    frame: str | None,
    now: datetime,
) -> Repeated | None:
    """Return the last question of a thread where `said` repeats it.

    Without the frame of ChatKit.js (other clients name none) an answered question is never taken
    for the same one.
    """
    page = await conversations.messages(
        caller, thread.conversation_id, limit=_LAST_MESSAGES, newest_first=True
    )
    kinds = [one.kind for one in page.records]
    if "user" not in kinds:
        return None
    at = kinds.index("user")
    question, behind = page.records[at], list(page.records[:at])[::-1]
    if frame_of(question) != frame or input_of(question).text != said.text:
        return None
    has_ended = bool(behind) and behind[-1].status in {"complete", "pending"}
    if has_ended:
        is_recent = frame is not None and now - behind[-1].created < _ANSWERED
    else:
        is_recent = now - question.created < _UNANSWERED
    return Repeated(thread, question, behind if has_ended else []) if is_recent else None


async def repeated_first(
    conversations: Conversations,
    caller: Caller,
    *,
    said: UserInput,
    frame: str | None,
    now: datetime,
) -> Repeated | None:
    """Return the caller's newest thread where `said` repeats the question that began it."""
    if frame is None:
        return None
    newest = await conversations.conversations(caller, limit=1)
    for thread in newest.records:
        found = await repeated_in(conversations, caller, thread, said=said, frame=frame, now=now)
        if found is None:
            return None
        first = await conversations.messages(caller, thread.conversation_id, limit=1)
        is_first = [one.message_id for one in first.records] == [found.question.message_id]
        return found if is_first else None
    return None
