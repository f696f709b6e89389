"""Conversations and their messages.

A ChatKit thread is a conversation and its items are messages: `kind`, `details` and `metadata` have
room for what such an item holds beyond a text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from proxy.caller import Caller

MessageStatus = Literal["complete", "interrupted", "error", "pending"]
"""`pending`: a call that waits for its result."""
Rating = Literal["positive", "negative"]
RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one reader."""

    conversation_id: str
    title: str
    created: datetime
    updated: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What a client interface keeps with it; never sent to the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    message_id: str
    kind: str
    """`user` or `assistant`; other kinds are a client interface's own and not the model's."""
    text: str
    created: datetime
    status: MessageStatus = "complete"
    citations: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What belongs to it besides: the selected text, the page."""
    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[RecordT]):
    """Some of the records, in the order asked for."""

    records: Sequence[RecordT]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thinks of an answer."""

    message_id: str
    rating: Rating
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedAnswer:
    """What some reader thinks of an answer, without saying who."""

    when: datetime
    rating: Rating
    comment: str | None
    question: str
    answer: str
    citations: Sequence[Mapping[str, Any]]


class Conversations(Protocol):
    """Keeps conversations.

    Every method raises `StoreUnavailable` when the database does not answer, and treats a
    conversation of somebody else as one that does not exist.
    """

    async def find(self, caller: Caller, conversation_id: str) -> Conversation | None:
        """Return a conversation, None where there is none."""
        ...

    async def conversations(
        self,
        caller: Caller,
        *,
        limit: int,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> Page[Conversation]:
        """Return the caller's conversations, the last one used first (or last).

        `after` is the id of the last one of the page before; an unknown one gives an empty page.
        """
        ...

    async def messages(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        limit: int,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page[Message]:
        """Return messages in their order; `after` as in `conversations`."""
        ...

    async def message(
        self, caller: Caller, conversation_id: str, message_id: str
    ) -> Message | None:
        """Return a message of a conversation, None where there is none."""
        ...

    async def begin_turn(
        self, caller: Caller, conversation: Conversation, question: Message, answer_id: str
    ) -> bool:
        """Keep a question and reserve the place behind it for its answer; durable on return.

        The conversation is made where the caller has none of that id. False, and nothing is kept,
        where that id is taken by somebody else. Turns that begin at the same time follow each other
        whole: question, answer, question, answer.
        """
        ...

    async def finish_turn(self, caller: Caller, conversation_id: str, answer: Message) -> bool:
        """Put the answer into the place reserved for its id; False where there is none.

        A second answer for the same place changes nothing.
        """
        ...

    async def resume_turn(
        self,
        caller: Caller,
        conversation_id: str,
        message: Message,
        *,
        was: MessageStatus,
        answer_id: str,
    ) -> bool:
        """Go on behind a message: `message` replaces it, what came after it is forgotten.

        The place behind it is reserved for the answer of that id; durable on return. False, and
        nothing changes, where there is no message of that id with the status `was`.
        """
        ...

    async def rename(
        self, caller: Caller, conversation_id: str, title: str, *, was: str | None = None
    ) -> bool:
        """Give a conversation another title; False where there is none.

        With `was`, only one that still has that title: a reader's own choice stays.
        """
        ...

    async def delete(self, caller: Caller, conversation_id: str) -> bool:
        """Remove a conversation with all that belongs to it; False where there is none."""
        ...

    async def forget(self, before: datetime, rows: int) -> int:
        """Remove conversations that nobody used since `before`, `rows` at most; return how many."""
        ...

    async def give_feedback(self, caller: Caller, conversation_id: str, feedback: Feedback) -> bool:
        """Keep what the caller thinks of an answer, in place of what was thought before.

        False where the conversation has no such answer.
        """
        ...

    async def rated_answers(self, *, limit: int) -> Sequence[RatedAnswer]:
        """Return what readers thought of answers, the newest first; for who runs the proxy."""
        ...
