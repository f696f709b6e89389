"""GET /api/chat/config: what a chat of ours shows before the first question."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.corpus import Book
from proxy.errors import RetrievalUnavailable
from proxy.protocol.rag_options import MAX_SELECTED_CHARS
from proxy.protocol.site_chat import MAX_MESSAGE_CHARS
from proxy.state import AppState

router = APIRouter(route_class=GuardedRoute, prefix="/api/chat", tags=["Conversations"])


@router.get("/config", summary="What a chat shows before the first question")
async def config(request: Request) -> Response:
    """Return the books and models to choose from, questions to begin with, and the limits."""
    state, caller = state_of(request), caller_of(request)
    try:
        live = await state.index.books()
        books = [_book_object(one) for one in live if caller.may_read(one.book_id)]
    except RetrievalUnavailable:  # questions are answered all the same; /ready tells of the index
        books = []
    return JSONResponse(
        {
            "reader": {"role": caller.role, "is_anonymous": caller.is_anonymous},
            "books": books,
            "models": _models(state),
            "answers_offline": state.catalog.answers_offline,
            "greeting": state.settings.chatkit.greeting,
            "prompts": list(state.settings.chatkit.prompts),
            "limits": {
                "message_chars": MAX_MESSAGE_CHARS,
                "selected_chars": MAX_SELECTED_CHARS,
            },
        },
        headers={"cache-control": "no-store"},
    )


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
