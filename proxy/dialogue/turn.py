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
from itertools import pairwise
from typing import Any

from proxy.caller import Caller
from proxy.deadline import Deadline
from proxy.dialogue.answer import AnswerSoFar
from proxy.dialogue.calls import call_message
from proxy.dialogue.history import within_budget
from proxy.dialogue.in_turn import InTurn
from proxy.dialogue.recorder import Recorder
from proxy.errors import NotFound, ProxyError, StoreUnavailable
from proxy.ports import Embedder
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import Message as ChatMessage
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.pipeline import Answer, Pipeline
from proxy.rag.sources import SourceLinks, title_of
from proxy.store import Conversation, Message, MessageStatus
from proxy.telemetry.logs import log

_HISTORY_MESSAGES = 60
"""Read from the database at most; the budget of tokens is what counts."""
_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Resumed:
    """A message that is answered again, or a call that has its result now."""

    message: Message
    """As it stands from now on."""
    was: MessageStatus


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
    when: datetime = field(default_factory=lambda: datetime.now(UTC))
    resumes: Resumed | None = None
    """Where the conversation goes on; None: at its end, with a new question."""

    @property
    def title(self) -> str:
        """Return what a conversation that begins with it is called, until it has a better name."""
        return " ".join(self.text.split())[:_TITLE_CHARS]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What turns are made of."""

    pipeline: Pipeline
    recorder: Recorder
    embedder: Embedder
    max_history_tokens: int
    in_turn: InTurn = field(default_factory=InTurn)
    """For submissions that may be the same one, sent twice."""

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
        self.nearby: list[dict[str, str]] = []
        """Where nothing in the book fits: `{title, page_url}` of what comes closest."""
        self.is_saved = False
        self.records: list[Message] = []
        """What is kept of the answer, once that has ended: a text, a call, or both."""
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
        """Keep the question and begin to answer it.

        `chat` holds nothing but the question and, where a call is resumed, the call and its result.

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
                chat,
                model,
                options,
                links=links,
                deadline=deadline,
                may_recall=self.asked.resumes is None,
            )
        except ProxyError:
            await self._keep_answer("error")
            raise
        self.rag_status = answer.rag_status
        self.nearby = [
            {"title": title_of(one.chunk), "page_url": links.url(one.chunk)}
            for one in answer.retrieved.nearby
        ]
        answer.events = self._recorded(answer.events)
        return answer

    async def _history(self) -> list[ChatMessage]:
        conversations = (await self._recorder.store()).conversations
        of = (self._caller, self.asked.conversation_id)
        if await conversations.find(*of) is None:
            if self.asked.may_create:
                return []
            raise NotFound("There is no such conversation.", code="conversation_not_found")
        kept = await conversations.messages(
            *of,
            limit=_HISTORY_MESSAGES,
            after=None if self.asked.resumes is None else self.asked.question_id,
            newest_first=True,
        )
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
        now = self.asked.when
        conversation = Conversation(self.asked.conversation_id, self.asked.title, now, now)
        question = Message(
            message_id=self.asked.question_id,
            kind="user",
            text=self.asked.text,
            created=now,
            details=self.asked.details,
        )
        try:
            conversations = (await self._recorder.store()).conversations
            if (resumes := self.asked.resumes) is not None:
                is_kept = await conversations.resume_turn(
                    self._caller,
                    self.asked.conversation_id,
                    resumes.message,
                    was=resumes.was,
                    answer_id=self.asked.answer_id,
                )
            else:
                is_kept = await conversations.begin_turn(
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
        now = datetime.now(UTC)
        self.records = [
            Message(
                message_id=self.asked.answer_id,
                kind="assistant",
                text=so_far.whole_text,
                created=now,
                status=status,
                citations=so_far.citations(),
                details={
                    "grounded": self.rag_status == "grounded",
                    "rag_status": self.rag_status,
                    "nearby": self.nearby,
                },
                model=so_far.model,
                prompt_tokens=so_far.usage.prompt_tokens,
                completion_tokens=so_far.usage.completion_tokens,
            )
        ]
        if so_far.call is not None and status == "complete":
            text = self.records if so_far.whole_text else []
            call_id = f"{self.asked.answer_id}_call" if text else self.asked.answer_id
            call = call_message(call_id, so_far.call, model=so_far.model, now=now)
            self.records = [*text, call]
        return self._recorder.begin(self._keep(self.records))

    async def _keep(self, answers: list[Message]) -> bool:
        """Save the answer; where it consists of more messages, each behind the one before."""
        if not self.is_saved:  # its question was not, so there is no place for it
            return False
        of = (self._caller, self.asked.conversation_id)
        try:
            conversations = (await self._recorder.store()).conversations
            is_kept = await conversations.finish_turn(*of, answers[0])
            for before, answer in pairwise(answers):
                is_kept = (
                    is_kept
                    and await conversations.resume_turn(
                        *of, before, was=before.status, answer_id=answer.message_id
                    )
                    and await conversations.finish_turn(*of, answer)
                )
        except StoreUnavailable:
            return self._recorder.lost("answer")
        return is_kept
