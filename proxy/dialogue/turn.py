"""One turn of a conversation: its history, the pipeline, its record.

The question is kept before the upstream is called; the answer when it has ended, however it ended,
by a task that outlives the reader's connection. A database that fails never stops an answer: the
turn is then marked as not saved.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from proxy.caller import Caller
from proxy.deadline import Deadline
from proxy.dialogue.answer import AnswerSoFar
from proxy.dialogue.history import within_budget
from proxy.dialogue.recorder import Recorder
from proxy.errors import NotFound, ProxyError, StoreUnavailable
from proxy.ports import Embedder
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import Message as ChatMessage
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.pipeline import Answer, Pipeline
from proxy.rag.sources import SourceLinks
from proxy.store import Conversation, Message, MessageStatus
from proxy.telemetry.logs import log

_HISTORY_MESSAGES = 60
"""Read from the database at most; the budget of tokens is what counts."""
_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question within a conversation."""

    conversation_id: str
    is_new: bool
    """Whether we have just made that id up; else there is a conversation, or there is none."""
    may_create: bool = False
    """Whether one that is not there is begun under that id."""
    question_id: str
    answer_id: str
    text: str
    details: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What turns are made of."""

    pipeline: Pipeline
    recorder: Recorder
    embedder: Embedder
    max_history_tokens: int

    def turn(self, caller: Caller, asked: Asked) -> "Turn":
        """Return a turn that has not begun."""
        return Turn(caller, asked, self)


class Turn:
    """Answers one question of a caller; stands in for the pipeline where it is used.

    Once the events of its answer have ended, `so_far` has all of it and `is_saved` says whether it
    will be there tomorrow.
    """

    def __init__(self, caller: Caller, asked: Asked, dialogue: Dialogue) -> None:
        self.asked = asked
        self.so_far = AnswerSoFar("")
        self.rag_status = ""
        self.is_saved = False
        self._caller = caller
        self._dialogue = dialogue
        self._recorder = dialogue.recorder

    async def answer(
        self,
        chat: ChatCompletionRequest,
        model: ResolvedModel,
        options: RagOptions,
        *,
        links: SourceLinks,
        deadline: Deadline,
    ) -> Answer:
        """Keep the question and begin to answer it; `chat` holds nothing but the question.

        Raises:
            NotFound: there is no such conversation.
            StoreUnavailable: the conversation cannot be read.
            ProxyError: as `Pipeline.answer`.
        """
        self.so_far.model = model.upstream
        history = [] if self.asked.is_new else await self._history()
        self.is_saved = await self._keep_question()
        chat = chat.model_copy(update={"messages": [*history, *chat.messages]})
        options = await self._for_this_reader(options)
        try:
            answer = await self._dialogue.pipeline.answer(
                chat, model, options, links=links, deadline=deadline
            )
        except ProxyError:
            await self._keep_answer("error")
            raise
        self.rag_status = answer.rag_status
        answer.events = self._recorded(answer.events)
        return answer

    async def _history(self) -> list[ChatMessage]:
        conversations = (await self._recorder.store()).conversations
        of = (self._caller, self.asked.conversation_id)
        if await conversations.find(*of) is None:
            if self.asked.may_create:
                return []
            raise NotFound("There is no such conversation.", code="conversation_not_found")
        kept = await conversations.messages(*of, limit=_HISTORY_MESSAGES, newest_first=True)
        return within_budget(
            kept.records,
            max_tokens=self._dialogue.max_history_tokens,
            count_tokens=self._dialogue.embedder.count_tokens,
        )

    async def _for_this_reader(self, options: RagOptions) -> RagOptions:
        """Return the options with the reader's own level, where the request names none."""
        if options.reader is not None:
            return options
        background = self._caller.background
        try:
            store = await self._recorder.store()
            if (reader := await store.readers.find(self._caller.caller_id)) is not None:
                background = background.overlaid(reader.background)
        except StoreUnavailable:
            log.warning("reader_profile_unknown")
        return options.for_reader(background)

    async def _keep_question(self) -> bool:
        now = datetime.now(UTC)
        title = " ".join(self.asked.text.split())[:_TITLE_CHARS]
        conversation = Conversation(self.asked.conversation_id, title, now, now)
        question = Message(
            message_id=self.asked.question_id,
            kind="user",
            text=self.asked.text,
            created=now,
            details=self.asked.details,
        )
        try:
            store = await self._recorder.store()
            is_kept = await store.conversations.begin_turn(
                self._caller, conversation, question, self.asked.answer_id
            )
        except StoreUnavailable:
            return self._recorder.lost("question")
        if not is_kept:
            raise NotFound("There is no such conversation.", code="conversation_not_found")
        return True

    async def _recorded(
        self, events: AsyncGenerator[list[ChatEvent]]
    ) -> AsyncGenerator[list[ChatEvent]]:
        try:
            async with aclosing(events):
                async for batch in events:
                    self.so_far.feed(batch)
                    yield batch
        except ProxyError:
            await self._keep_answer("error")
            raise
        except BaseException:
            self._begin_to_keep("interrupted")  # the reader has gone: nobody waits for it
            raise
        await self._keep_answer("complete")

    async def _keep_answer(self, status: MessageStatus) -> None:
        self.is_saved = await asyncio.shield(self._begin_to_keep(status))

    def _begin_to_keep(self, status: MessageStatus) -> "asyncio.Task[bool]":
        """Begin to save what there is of the answer; True once it is."""
        so_far = self.so_far
        answer = Message(
            message_id=self.asked.answer_id,
            kind="assistant",
            text=so_far.whole_text,
            created=datetime.now(UTC),
            status=status,
            citations=so_far.citations(),
            details={"grounded": self.rag_status == "grounded"},
            model=so_far.model,
            prompt_tokens=so_far.usage.prompt_tokens,
            completion_tokens=so_far.usage.completion_tokens,
        )
        return self._recorder.begin(self._keep(answer))

    async def _keep(self, answer: Message) -> bool:
        if not self.is_saved:  # its question was not, so there is no place for it
            return False
        try:
            store = await self._recorder.store()
            return await store.conversations.finish_turn(
                self._caller, self.asked.conversation_id, answer
            )
        except StoreUnavailable:
            return self._recorder.lost("answer")
