"""GET /v1/models and /v1/models/{id}."""

from typing import Any

from fastapi import APIRouter, Request

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.errors import ModelNotFound, RetrievalUnavailable
from proxy.protocol.models import split_suffix

router = APIRouter(route_class=GuardedRoute, tags=["OpenAI"])


@router.get("/v1/models", summary="List the models")
async def list_models(request: Request) -> dict[str, Any]:
    """List the configured models, and the main one once per book for pickers."""
    state = state_of(request)
    try:
        live = await state.index.books()
        book_ids = [one.book_id for one in live if caller_of(request).may_read(one.book_id)]
    except RetrievalUnavailable:  # the models answer all the same; /ready tells of the index
        book_ids = []
    return {"object": "list", "data": state.catalog.listing(book_ids)}


@router.get("/v1/models/{model_id:path}", summary="Describe a model")
async def get_model(request: Request, model_id: str) -> dict[str, Any]:
    """Describe one model; aliases such as `gpt-4o` are models too."""
    state = state_of(request)
    books = split_suffix(model_id)[1].get("books")
    if books is not None:
        live = await state.index.books()
        there = {one.book_id for one in live if caller_of(request).may_read(one.book_id)}
        if missing := sorted(set(books.split(",")) - there):
            raise ModelNotFound(f"There is no book '{missing[0]}'.", param="model")
    return state.catalog.card(model_id)
