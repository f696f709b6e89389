"""/v1/vector_stores/{id}/files: what is in a book, put in and taken out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from proxy.api.deps import json_body, state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.openapi import json_request
from proxy.api.paging import Paging
from proxy.api.stores import documents_of, visible_store
from proxy.errors import NotFound
from proxy.library.documents import Shelved, content_id_for
from proxy.library.orders import Order, PlacedFile
from proxy.protocol.parsing import parse
from proxy.protocol.vector_stores import VectorStoreFileRequest

router = APIRouter(
    route_class=GuardedRoute, prefix="/v1/vector_stores/{vector_store_id}/files", tags=["OpenAI"]
)

_POLL_AFTER = {"openai-poll-after-ms": "500"}
"""How soon OpenAI's clients ask again while a file is on its way."""


@router.post(
    "",
    summary="Put an uploaded file into a book",
    openapi_extra=json_request(VectorStoreFileRequest),
)
async def create_vector_store_file(request: Request, vector_store_id: str) -> dict[str, Any]:
    """Have a file ingested; where the book has a page of that name, it is replaced."""
    caller, desk = caller_of(request), state_of(request).desk
    desk.may_write(caller, vector_store_id)
    asked = parse(VectorStoreFileRequest, await json_body(request))
    shelf, book = await visible_store(request, vector_store_id)
    upload = await desk.find_upload(caller, asked.file_id)
    title = shelf.name if shelf and not book else None
    order = Order(files=(PlacedFile(upload.filename, upload.file_id),), title=title)
    await desk.order(caller, vector_store_id, order, attributes=asked.attributes)
    return _object(await _find(request, vector_store_id, upload.file_id))


@router.get("", summary="List the files of a book")
async def list_vector_store_files(
    request: Request,
    vector_store_id: str,
    paging: Annotated[Paging, Depends()],
    filter: Literal["in_progress", "completed", "failed", "cancelled"] | None = None,  # noqa: A002 - OpenAI's name
) -> dict[str, Any]:
    """Return what is in a book, and on its way into it."""
    await visible_store(request, vector_store_id)
    found = (await documents_of(request).contents(vector_store_id)).documents
    wanted = [one for one in found if filter is None or one.status == filter]
    wanted.sort(key=lambda one: (one.created, one.path))
    return paging.page([_object(one) for one in wanted])


@router.get("/{file_id}", summary="A file of a book")
async def retrieve_vector_store_file(
    request: Request, response: Response, vector_store_id: str, file_id: str
) -> dict[str, Any]:
    """Return a file, with how its ingest went."""
    await visible_store(request, vector_store_id)
    response.headers.update(_POLL_AFTER)
    return _object(await _find(request, vector_store_id, file_id))


@router.delete("/{file_id}", summary="Take a file out of a book")
async def delete_vector_store_file(
    request: Request, vector_store_id: str, file_id: str
) -> dict[str, Any]:
    """Have a file taken out of its book, soon; the upload itself stays."""
    caller, desk = caller_of(request), state_of(request).desk
    desk.may_write(caller, vector_store_id)
    await visible_store(request, vector_store_id)
    found = await _find(request, vector_store_id, file_id)
    await desk.order(caller, vector_store_id, Order(removed=(found.path,)))
    return {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}


async def _find(request: Request, book_id: str, file_id: str) -> Shelved:
    for one in (await documents_of(request).contents(book_id)).documents:
        if file_id in {one.content_id, content_id_for(book_id, one.path)}:
            return one
    raise NotFound(
        f"There is no file {file_id[:64]!r} in this vector store.",
        param="file_id",
        code="file_not_found",
    )


def _object(one: Shelved) -> dict[str, Any]:
    return {
        "id": one.content_id,
        "object": "vector_store.file",
        "created_at": int(one.created.timestamp()),
        "vector_store_id": one.book,
        "status": one.status,
        "last_error": (
            {"code": one.trouble.code, "message": one.trouble.message} if one.trouble else None
        ),
        "usage_bytes": one.usage_bytes,
        "attributes": {"filename": one.path, **one.attributes},
        "chunking_strategy": {"type": "other"},
    }
