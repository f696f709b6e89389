"""Answers that readers rated, with the questions they are to."""

from typing import Any

from sqlalchemy import Row, Select, select

from proxy.adapters.sql.tables import feedback, messages
from proxy.store import RatedAnswer


def rated_answers(limit: int) -> Select[*tuple[Any, ...]]:
    """Return the query for what readers thought of answers, the newest first."""
    rated, asked = feedback.c, messages.alias("asked")
    # Between a question and its answer there may be results of tools.
    question = (
        select(asked.c.text)
        .where(asked.c.conversation_id == messages.c.conversation_id)
        .where(asked.c.position < messages.c.position, asked.c.kind == "user")
        .order_by(asked.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            rated.created,
            rated.rating,
            rated.comment,
            question.label("question"),
            messages.c.text,
            messages.c.citations,
        )
        .join(messages, messages.c.id == rated.message_id)
        .order_by(rated.created.desc(), rated.message_id)
        .limit(limit)
    )


def rated_answer(row: Row[Any]) -> RatedAnswer:
    """Return a row of `rated_answers`."""
    return RatedAnswer(
        when=row.created,
        rating=row.rating,
        comment=row.comment,
        question=row.question or "",
        answer=row.text,
        citations=tuple(row.citations),
    )
