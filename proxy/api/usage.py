"""GET /api/usage and /api/interactions: who used how much, and what was asked; for admins."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.spreadsheet import Format, table_answer
from proxy.protocol.site_chat import timestamp

router = APIRouter(route_class=GuardedRoute, prefix="/api", tags=["Operations"])


@router.get("/usage", summary="Tokens by day, caller and model")
async def usage(
    request: Request,
    days: Annotated[int, Query(ge=1, le=366)] = 7,
    caller: Annotated[str | None, Query(max_length=320)] = None,
    format: Format = "json",  # noqa: A002 - the name of the query parameter
) -> Response:
    """Return what was used in the last days (UTC, today included)."""
    caller_of(request).require("admin")
    state = state_of(request)
    await state.accounts.flush()
    since = (datetime.now(UTC) - timedelta(days=days - 1)).date()
    rows = await (await state.store()).usage.usage(since=since, caller_id=caller)
    found = [
        {
            "day": row.day.isoformat(),
            "caller": row.caller_id,
            "model": row.model,
            "requests": row.count.requests,
            "prompt_tokens": row.count.prompt_tokens,
            "completion_tokens": row.count.completion_tokens,
        }
        for row in rows
    ]
    return table_answer(found, format, "usage")


@router.get("/interactions", summary="The log of questions")
async def interactions(
    request: Request, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
) -> list[dict[str, Any]]:
    """Return the last lines of the log, as far as `PROXY_QUESTION_LOG` lets one be kept."""
    caller_of(request).require("admin")
    state = state_of(request)
    await state.accounts.flush()
    lines = await (await state.store()).usage.interactions(limit=limit)
    return [
        {
            "at": timestamp(line.when),
            "caller": line.caller_id,
            "request_id": line.request_id,
            "model": line.model,
            "status": line.status,
            "rag_status": line.rag_status,
            "passages": [
                {"book": one.book, "title": one.title, "url": one.url, "cited": one.is_cited}
                for one in line.passages
            ],
            "question": line.question,
            "answer": line.answer,
            "prompt_tokens": line.count.prompt_tokens,
            "completion_tokens": line.count.completion_tokens,
        }
        for line in lines
    ]
