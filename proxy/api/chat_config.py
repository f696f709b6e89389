"""GET /api/chat/config: what a chat of ours shows before the first question."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.corpus import Book
from proxy.deadline import Deadline
from proxy.errors import ProxyError, RetrievalUnavailable
from proxy.protocol.rag_options import MAX_SELECTED_CHARS
from proxy.protocol.site_chat import MAX_MESSAGE_CHARS
from proxy.rag.starters import LOOKED_AT, LOOKED_FOR, starters
from proxy.state import AppState
from proxy.telemetry.logs import log

_MAX_PROMPTS = 4
_PROMPTS_WITHIN_S = 0.6
"""A reader waits for the page no longer than this."""

router = APIRouter(route_class=GuardedRoute, prefix="/api/chat", tags=["Conversations"])


@router.get("/config", summary="What a chat shows before the first question")
async def config(request: Request) -> Response:
    """Return the books and models to choose from, questions to begin with, and the limits."""
    state, caller = state_of(request), caller_of(request)
    try:
        books = [one for one in await state.index.books() if caller.may_read(one.book_id)]
    except RetrievalUnavailable:  # questions are answered all the same; /ready tells of the index
        books = []
    prompts = list(state.settings.chatkit.prompts)
    return JSONResponse(
        {
            "reader": {"role": caller.role, "is_anonymous": caller.is_anonymous},
            "books": [_book_object(one) for one in books],
            "models": _models(state),
            "answers_offline": state.catalog.answers_offline,
            "greeting": state.settings.chatkit.greeting,
            "prompts": prompts or await _prompts_of(books, state),
            "limits": {
                "message_chars": MAX_MESSAGE_CHARS,
                "selected_chars": MAX_SELECTED_CHARS,
            },
        },
        headers={"cache-control": "no-store"},
    )


async def _prompts_of(books: Sequence[Book], state: AppState) -> list[str]:
    """Return questions that the books answer; none where they have none, or not at once."""
    if not books:
        return []
    deadline = Deadline.after(_PROMPTS_WITHIN_S)
    try:
        found = await state.retriever.search(LOOKED_FOR, books, LOOKED_AT, deadline)
    except ProxyError as exc:  # a page without them is whole
        log.warning("no_prompts", code=exc.code)
        return []
    return starters((passage.chunk for passage in found.passages), _MAX_PROMPTS)


def _book_object(book: Book) -> dict[str, Any]:
    return {
        "id": book.book_id,
        "title": book.title,
        "language": book.language,
        "base_url": book.base_url,
    }


def _models(state: AppState) -> list[dict[str, Any]]:
    """Return the models that answer, the one that does by default first."""
    catalog = state.catalog
    names = dict.fromkeys((catalog.main, catalog.fast))
    cards = [catalog.card(name) for name in names]
    return [{"id": card["id"], "label": card.get("name", card["id"])} for card in cards]
