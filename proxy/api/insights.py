"""/api/insights: what readers ask, and how the book serves them; for authors.

All of it comes from the log of questions, so that `PROXY_QUESTION_LOG` decides what there is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.spreadsheet import Format, table_answer
from proxy.caller import Caller
from proxy.insight.days import by_day
from proxy.insight.questions import grouped
from proxy.insight.sections import sections_used
from proxy.protocol.site_chat import timestamp
from proxy.store import Interaction, RatedAnswer

router = APIRouter(route_class=GuardedRoute, prefix="/api/insights", tags=["Insights"])

_MOST_INTERACTIONS = 20_000
_MOST_RATINGS = 1_000
_MOST_NEARBY = 3
Days = Annotated[int, Query(ge=1, le=366, description="How many days back, today included")]


@router.get("/summary", summary="Questions by day")
async def summary(request: Request, days: Days = 30) -> dict[str, Any]:
    """Return how many questions there were each day (UTC), by what retrieval came to."""
    caller = _author(request)
    today = datetime.now(UTC).date()
    first = today - timedelta(days=days - 1)
    counted = by_day(await _asked(request, caller, days), first=first, last=today)
    return {
        "question_log": state_of(request).settings.store.question_log,
        "days": [{"day": one.day.isoformat(), **_statuses(one.by_status)} for one in counted],
    }


@router.get("/questions", summary="Questions without a good passage, grouped")
async def questions(
    request: Request,
    days: Days = 30,
    status: Literal["no-match", "grounded", "degraded"] = "no-match",
    format: Format = "json",  # noqa: A002 - the name of the query parameter
) -> Response:
    """Return groups of questions that mean nearly the same, the most asked first."""
    asked = await _asked(request, _author(request), days)
    groups = grouped([one for one in asked if one.rag_status == status])
    rows = [
        {
            "question": group.question,
            "count": group.count,
            "last_asked": timestamp(group.last_asked),
            "wordings": group.wordings,
            "nearby": [
                {"title": title, "url": url}
                for (title, url), _ in group.nearby.most_common(_MOST_NEARBY)
            ],
        }
        for group in groups
    ]
    return table_answer(rows, format, "questions")


@router.get("/sections", summary="How the sections of the books serve")
async def sections(
    request: Request,
    days: Days = 30,
    format: Format = "json",  # noqa: A002 - the name of the query parameter
) -> Response:
    """Return sections that were given to the model: how often, how often cited, how liked."""
    caller = _author(request)
    asked, rated = await _asked(request, caller, days), await _rated(request)
    rows = [
        {
            "book": one.book,
            "title": one.title,
            "url": one.url,
            "given": one.given,
            "cited": one.cited,
            "liked": one.liked,
            "disliked": one.disliked,
        }
        for one in sections_used(asked, rated)
    ]
    return table_answer(rows, format, "sections")


@router.get("/feedback", summary="What readers think of answers")
async def feedback(
    request: Request,
    format: Format = "json",  # noqa: A002 - the name of the query parameter
) -> Response:
    """Return rated answers, the newest first; not who rated them."""
    caller = _author(request)
    if caller.books is not None:  # an answer may speak of any book
        caller.require("admin")
    rows = [
        {
            "at": timestamp(one.when),
            "rating": one.rating,
            "comment": one.comment,
            "question": one.question,
            "answer": one.answer,
            "citations": [
                {"title": cited.get("title"), "url": cited.get("page_url")}
                for cited in one.citations
            ],
        }
        for one in await _rated(request)
    ]
    return table_answer(rows, format, "feedback")


def _author(request: Request) -> Caller:
    caller = caller_of(request)
    caller.require("author")
    return caller


async def _asked(request: Request, caller: Caller, days: int) -> Sequence[Interaction]:
    """Return the log of the last days, the newest first, as far as the caller may know it."""
    state = state_of(request)
    await state.accounts.flush()
    now = datetime.now(UTC)
    since = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    ledger = (await state.store()).usage
    asked = await ledger.interactions(limit=_MOST_INTERACTIONS, since=since)
    if caller.books is None:
        return asked
    return [
        one
        for one in asked
        if one.passages and all(caller.may_read(seen.book) for seen in one.passages)
    ]


async def _rated(request: Request) -> Sequence[RatedAnswer]:
    store = await state_of(request).store()
    return await store.conversations.rated_answers(limit=_MOST_RATINGS)


def _statuses(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in ("grounded", "no-match", "degraded", "off")}
