"""The operations that have something answered: what is asked, where in the thread, in whose words.

Nothing is written here and nothing is generated; that is the business of the turn.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from proxy.api.chatkit import events
from proxy.api.chatkit.asking_back import asks_back, result_of
from proxy.api.chatkit.composer import rag_of
from proxy.api.chatkit.items import (
    Object,
    details_of,
    input_of,
    item_object,
    items_of,
    thread_object,
)
from proxy.api.chatkit.repeats import Repeated, repeated_first, repeated_in
from proxy.api.chatkit.requests import (
    AnswerOperation,
    ThreadsAddClientToolOutput,
    ThreadsAddStructuredInput,
    ThreadsAddUserMessage,
    ThreadsCreate,
    ThreadsRetryAfterItem,
)
from proxy.api.chatkit.user_input import UserInput
from proxy.caller import Caller
from proxy.dialogue.calls import CALL, as_chat, with_result
from proxy.dialogue.turn import Asked, Resumed
from proxy.errors import InvalidRequest, NotFound, StoreUnavailable
from proxy.protocol.messages import AssistantMessage, UserMessage
from proxy.protocol.messages import Message as ChatMessage
from proxy.store import Conversation, LazyStore, Message

_LAST_MESSAGES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An operation that is understood."""

    thread: Conversation
    said: UserInput
    asked: Asked | None
    """None where the answer is there already."""
    opening: Sequence[Object]
    """The events that come before the answer."""
    chat: Sequence[ChatMessage] = ()
    """The question, and what came of it until now."""
    is_new: bool = False
    """Whether the thread is."""
    is_kept: bool = True
    """Whether the question is in the thread already."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Understands the operations of one caller."""

    caller: Caller
    store: LazyStore
    frame: str | None
    """Which frame of ChatKit.js asks, where it says so."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def begun(self, operation: AnswerOperation) -> Begun:
        """Return what is asked.

        Raises:
            NotFound: there is no such thread or item, or nothing waits for a result.
            InvalidRequest: nothing is asked, or what was chosen cannot be.
            StoreUnavailable: the thread cannot be read.
        """
        if isinstance(operation, ThreadsCreate):
            return await self._first_question(operation.params.input)
        thread = await found(self.store, self.caller, operation.params.thread_id)
        if isinstance(operation, ThreadsAddUserMessage):
            return await self._further_question(thread, operation.params.input)
        if isinstance(operation, ThreadsRetryAfterItem):
            return await self._again(thread, operation.params.item_id)
        return await self._with_result(thread, operation)

    async def _first_question(self, said: UserInput) -> Begun:
        try:
            conversations = (await self.store()).conversations
            known = await repeated_first(
                conversations, self.caller, said=said, frame=self.frame, now=self.now
            )
        except StoreUnavailable:  # the answer comes all the same; its turn says it is not kept
            known = None
        if known is not None:
            return self._repeated(known, [events.thread_created(thread_object(known.thread))])
        asked = self._asked(said, _new_id("thr"), is_new=True)
        thread = Conversation(asked.conversation_id, asked.title, self.now, self.now)
        return Begun(
            thread=thread,
            said=said,
            asked=asked,
            opening=[
                events.thread_created(thread_object(thread)),
                *self._opening(_question(asked), thread),
            ],
            chat=[UserMessage(role="user", content=asked.text)],
            is_new=True,
            is_kept=False,
        )

    async def _further_question(self, thread: Conversation, said: UserInput) -> Begun:
        conversations = (await self.store()).conversations
        known = await repeated_in(
            conversations, self.caller, thread, said=said, frame=self.frame, now=self.now
        )
        if known is not None:
            return self._repeated(known, [])
        asked = self._asked(said, thread.conversation_id, is_new=False)
        return Begun(
            thread=thread,
            said=said,
            asked=asked,
            opening=self._opening(_question(asked), thread),
            chat=[UserMessage(role="user", content=asked.text)],
            is_kept=False,
        )

    async def _again(self, thread: Conversation, item_id: str) -> Begun:
        conversations = (await self.store()).conversations
        question = await conversations.message(self.caller, thread.conversation_id, item_id)
        if question is None or question.kind != "user":
            raise NotFound("There is no such question.", code="item_not_found")
        return self._resumed(thread, question, opening=[events.MAY_CANCEL, events.SEARCHING])

    async def _with_result(
        self,
        thread: Conversation,
        operation: ThreadsAddClientToolOutput | ThreadsAddStructuredInput,
    ) -> Begun:
        conversations = (await self.store()).conversations
        page = await conversations.messages(
            self.caller, thread.conversation_id, limit=_LAST_MESSAGES, newest_first=True
        )
        call = page.records[0] if page.records else None
        if call is None or not _waits_for(call, operation):
            raise NotFound("Nothing waits for this result.", code="item_not_found")
        kinds = [one.kind for one in page.records]
        if "user" not in kinds:
            raise InvalidRequest("There were too many calls in this turn.")
        at = kinds.index("user")
        opening = [events.MAY_CANCEL]
        if isinstance(operation, ThreadsAddStructuredInput):
            done = with_result(call, result_of(operation.params.input))
            item = item_object(done, thread.conversation_id)
            opening += [events.item_replaced(item)] if item else []
        else:
            done = with_result(call, operation.params.result)
        question, behind = page.records[at], [done, *page.records[1:at]][::-1]
        return Begun(
            thread=thread,
            said=input_of(question),
            asked=self._resuming(thread, question, Resumed(done, was="pending")),
            opening=opening,
            chat=[UserMessage(role="user", content=question.text), *_said_since(behind)],
        )

    def _repeated(self, known: Repeated, opening: list[Object]) -> Begun:
        item = item_object(known.question, known.thread.conversation_id)
        opening = [*opening, *([events.item_done(item)] if item else []), events.MAY_CANCEL]
        if known.answer:
            items = items_of(known.answer, known.thread.conversation_id)
            return Begun(
                thread=known.thread,
                said=input_of(known.question),
                asked=None,
                opening=[*opening, *map(events.item_done, items)],
            )
        return self._resumed(known.thread, known.question, opening=[*opening, events.SEARCHING])

    def _resumed(
        self, thread: Conversation, question: Message, *, opening: Sequence[Object]
    ) -> Begun:
        """Return a question that is asked again as it is."""
        return Begun(
            thread=thread,
            said=input_of(question),
            asked=self._resuming(thread, question, Resumed(question, was=question.status)),
            opening=opening,
            chat=[UserMessage(role="user", content=question.text)],
        )

    def _asked(self, said: UserInput, thread_id: str, *, is_new: bool) -> Asked:
        if not said.text:
            raise InvalidRequest("The message is blank.", param="content")
        return Asked(
            conversation_id=thread_id,
            is_new=is_new,
            question_id=_new_id("msg"),
            answer_id=_new_id("msg"),
            text=said.text,
            details=details_of(said, rag_of(said), self.frame),
            when=self.now,
        )

    def _resuming(self, thread: Conversation, question: Message, resumes: Resumed) -> Asked:
        return Asked(
            conversation_id=thread.conversation_id,
            is_new=False,
            question_id=question.message_id,
            answer_id=_new_id("msg"),
            text=question.text,
            resumes=resumes,
        )

    def _opening(self, question: Message, thread: Conversation) -> list[Object]:
        item = item_object(question, thread.conversation_id)
        return [*([events.item_done(item)] if item else []), events.MAY_CANCEL, events.SEARCHING]


async def found(store: LazyStore, caller: Caller, thread_id: str) -> Conversation:
    """Return a thread of the caller.

    Raises:
        NotFound: there is no such thread.
        StoreUnavailable: it cannot be read.
    """
    thread = await (await store()).conversations.find(caller, thread_id)
    if thread is None:
        raise unknown_thread()
    return thread


def unknown_thread() -> NotFound:
    """Return what somebody else's thread is answered with, too."""
    return NotFound("There is no such conversation.", code="thread_not_found")


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _question(asked: Asked) -> Message:
    """Return the question as it is about to be kept."""
    return Message(
        message_id=asked.question_id,
        kind="user",
        text=asked.text,
        created=asked.when,
        details=asked.details,
    )


def _waits_for(
    call: Message, operation: ThreadsAddClientToolOutput | ThreadsAddStructuredInput
) -> bool:
    if call.kind != CALL or call.status != "pending":
        return False
    if isinstance(operation, ThreadsAddStructuredInput):
        return asks_back(call) and call.message_id == operation.params.item_id
    return not asks_back(call)


def _said_since(behind: Sequence[Message]) -> list[ChatMessage]:
    """Return what came of a question until now; texts and calls with their results."""
    chat: list[ChatMessage] = []
    for message in behind:
        if message.kind == CALL:
            chat += as_chat(message)
        elif message.text:
            chat.append(AssistantMessage(role="assistant", content=message.text))
    return chat
