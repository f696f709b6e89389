"""`store.Conversations` in SQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.adapters.sql import tables
from proxy.adapters.sql.database import Database
from proxy.adapters.sql.ratings import rated_answer, rated_answers
from proxy.adapters.sql.readers import remember
from proxy.adapters.sql.tables import conversations, messages
from proxy.caller import Caller
from proxy.store import Conversation, Feedback, Message, MessageStatus, Page, RatedAnswer

_PLACES_OF_A_TURN = 2


def _owned(caller: Caller, conversation_id: str) -> ColumnElement[bool]:
    """Return what is true of the conversation of that id if it is the caller's."""
    return (conversations.c.id == conversation_id) & (conversations.c.reader_id == caller.caller_id)


class SqlConversations:
    """Keeps conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, caller: Caller, conversation_id: str) -> Conversation | None:
        """Return a conversation, None where there is none."""
        query = select(conversations).where(_owned(caller, conversation_id))
        return await self._database.one(query, _conversation)

    async def conversations(
        self,
        caller: Caller,
        *,
        limit: int,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> Page[Conversation]:
        """Return the caller's conversations, the last one used first (or last)."""
        columns = (conversations.c.updated, conversations.c.id)
        place = tuple_(*columns)
        query = (
            select(conversations)
            .where(conversations.c.reader_id == caller.caller_id)
            .order_by(*(one if oldest_first else one.desc() for one in columns))
        )
        if after is not None:
            last = select(*columns).where(_owned(caller, after)).scalar_subquery()
            query = query.where(place > last if oldest_first else place < last)
        return await self._database.page(query, _conversation, limit=limit)

    async def messages(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        limit: int,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page[Message]:
        """Return messages in their order."""
        query = _messages_of(caller, conversation_id)
        position = messages.c.position
        query = query.order_by(position.desc() if newest_first else position)
        if after is not None:
            last = (
                select(position)
                .where(messages.c.id == after, messages.c.conversation_id == conversation_id)
                .scalar_subquery()
            )
            query = query.where(position < last if newest_first else position > last)
        return await self._database.page(query, _message, limit=limit)

    async def message(
        self, caller: Caller, conversation_id: str, message_id: str
    ) -> Message | None:
        """Return a message of a conversation, None where there is none."""
        query = _messages_of(caller, conversation_id).where(messages.c.id == message_id)
        return await self._database.one(query, _message)

    async def begin_turn(
        self, caller: Caller, conversation: Conversation, question: Message, answer_id: str
    ) -> bool:
        """Keep a question and reserve the place behind it for its answer."""
        made = {
            "id": conversation.conversation_id,
            "reader_id": caller.caller_id,
            "title": conversation.title,
            "metadata": conversation.metadata,
            "next_position": 0,
            "created": conversation.created,
            "updated": conversation.created,
        }
        make = self._database.insert(conversations).values(made).on_conflict_do_nothing()
        reserve = (
            update(conversations)
            .where(_owned(caller, conversation.conversation_id))
            .values(
                next_position=conversations.c.next_position + _PLACES_OF_A_TURN,
                updated=question.created,
            )
            .returning(conversations.c.next_position)
        )

        async def work(connection: AsyncConnection) -> bool:
            await remember(self._database, connection, caller)
            await connection.execute(make)
            behind = (await connection.execute(reserve)).scalar_one_or_none()
            if behind is None:
                return False
            row = _row(question, conversation.conversation_id, behind - _PLACES_OF_A_TURN)
            await connection.execute(insert(messages).values(**row, answer_id=answer_id))
            return True

        return await self._database.write(work)

    async def finish_turn(self, caller: Caller, conversation_id: str, answer: Message) -> bool:
        """Put the answer into the place reserved for its id; False where there is none."""
        question = _messages_of(caller, conversation_id).where(
            messages.c.answer_id == answer.message_id
        )

        async def work(connection: AsyncConnection) -> bool:
            asked = (await connection.execute(question)).one_or_none()
            if asked is None:
                return False
            row = _row(answer, conversation_id, asked.position + 1)
            keep = self._database.insert(messages).values(row).on_conflict_do_nothing()
            await connection.execute(keep)
            touch = update(conversations).where(_owned(caller, conversation_id))
            await connection.execute(touch.values(updated=answer.created))
            return True

        return await self._database.write(work)

    async def resume_turn(
        self,
        caller: Caller,
        conversation_id: str,
        message: Message,
        *,
        was: MessageStatus,
        answer_id: str,
    ) -> bool:
        """Go on behind a message: `message` replaces it, what came after it is forgotten."""
        owned = _owned(caller, conversation_id)
        # Takes the row's lock, so that no turn begins meanwhile.
        lock = (
            update(conversations).where(owned).values(next_position=conversations.c.next_position)
        )
        replace = (
            update(messages)
            .where(
                messages.c.id == message.message_id,
                messages.c.conversation_id == conversation_id,
                messages.c.status == was,
            )
            .values(
                text=message.text,
                status=message.status,
                details=message.details,
                answer_id=answer_id,
            )
            .returning(messages.c.position)
        )

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(lock)).rowcount == 0:
                return False
            position = (await connection.execute(replace)).scalar_one_or_none()
            if position is None:
                return False
            behind = messages.c.position > position
            await connection.execute(
                delete(messages).where(messages.c.conversation_id == conversation_id, behind)
            )
            goes_on = {"next_position": position + _PLACES_OF_A_TURN, "updated": datetime.now(UTC)}
            await connection.execute(update(conversations).where(owned).values(goes_on))
            return True

        return await self._database.write(work)

    async def rename(
        self, caller: Caller, conversation_id: str, title: str, *, was: str | None = None
    ) -> bool:
        """Give a conversation another title; False where there is none."""
        renaming = update(conversations).where(_owned(caller, conversation_id)).values(title=title)
        if was is not None:
            renaming = renaming.where(conversations.c.title == was)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(renaming)).rowcount > 0

        return await self._database.write(work)

    async def delete(self, caller: Caller, conversation_id: str) -> bool:
        """Remove a conversation with all that belongs to it; False where there is none."""

        async def work(connection: AsyncConnection) -> bool:
            done = await connection.execute(
                delete(conversations).where(_owned(caller, conversation_id))
            )
            return done.rowcount > 0

        return await self._database.write(work)

    async def forget(self, before: datetime, rows: int) -> int:
        """Remove conversations that nobody used since `before`, `rows` at most."""
        return await self._database.forget(conversations, conversations.c.updated < before, rows)

    async def give_feedback(self, caller: Caller, conversation_id: str, feedback: Feedback) -> bool:
        """Keep what the caller thinks of an answer, in place of what was thought before."""
        given = {
            "rating": feedback.rating,
            "comment": feedback.comment,
            "created": datetime.now(UTC),
        }
        answer = _messages_of(caller, conversation_id).where(
            messages.c.id == feedback.message_id, messages.c.kind != literal("user")
        )
        keep = self._database.insert(tables.feedback).values(
            message_id=feedback.message_id, **given
        )

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(answer)).one_or_none() is None:
                return False
            await connection.execute(
                keep.on_conflict_do_update(index_elements=["message_id"], set_=given)
            )
            return True

        return await self._database.write(work)

    async def rated_answers(self, *, limit: int) -> Sequence[RatedAnswer]:
        """Return what readers thought of answers, the newest first."""
        return await self._database.all(rated_answers(limit), rated_answer)


def _messages_of(caller: Caller, conversation_id: str) -> Select[Any]:
    return (
        select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(_owned(caller, conversation_id))
    )


def _row(message: Message, conversation_id: str, position: int) -> dict[str, Any]:
    return {
        "id": message.message_id,
        "conversation_id": conversation_id,
        "position": position,
        "kind": message.kind,
        "text": message.text,
        "status": message.status,
        "citations": list(message.citations),
        "details": message.details,
        "model": message.model,
        "prompt_tokens": message.prompt_tokens,
        "completion_tokens": message.completion_tokens,
        "created": message.created,
    }


def _message(row: Row[Any]) -> Message:
    return Message(
        message_id=row.id,
        kind=row.kind,
        text=row.text,
        created=row.created,
        status=row.status,
        citations=tuple(row.citations),
        details=row.details,
        model=row.model,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
    )


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(row.id, row.title, row.created, row.updated, row.metadata)
