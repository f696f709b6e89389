"""/v1/vector_stores: books by OpenAI's name for them, made, searched and deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from proxy.api.deps import json_body, links_of, state_of
from proxy.api.entry import entry_for
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.openapi import json_request
from proxy.api.paging import Paging
from proxy.api.stores import documents_of, store_object, visible_store, visible_stores
from proxy.corpus import Passage, check_book_id
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.library.documents import content_id_for, file_of
from proxy.library.orders import Order, PlacedFile
from proxy.protocol.ids import new_id
from proxy.protocol.parsing import parse
from proxy.protocol.vector_stores import VectorStoreRequest, VectorStoreSearchRequest
from proxy.rag.sources import SourceLinks, title_of
from proxy.store import Shelf, ShelvedFile

router = APIRouter(route_class=GuardedRoute, prefix="/v1/vector_stores", tags=["OpenAI"])

_MAX_ATTRIBUTE_CHARS = 512


@router.post("", summary="Make room for a book", openapi_extra=json_request(VectorStoreRequest))
async def create_vector_store(request: Request) -> dict[str, Any]:
    """Make a book, empty or of uploaded files; `metadata.book` may say its id."""
    caller, desk = caller_of(request), state_of(request).desk
    caller.require("author")
    asked = parse(VectorStoreRequest, await json_body(request))
    uploads = [await desk.find_upload(caller, file_id) for file_id in asked.file_ids]
    metadata = dict(asked.metadata or {})
    taken = await visible_stores(request)
    book_id = metadata.get("book") or asked.slug or f"vs-{new_id()}"
    check_book_id(book_id)
    if "book" not in metadata and book_id in taken:
        book_id = f"{book_id}-{new_id()[:8]}"
    shelf = Shelf(book_id, asked.name or book_id, datetime.now(UTC), metadata)
    if book_id in taken or not await desk.create_shelf(caller, shelf):
        raise InvalidRequest(
            f"There is a book {book_id!r} already.", param="metadata.book", code="book_exists"
        )
    if uploads:
        files = tuple(PlacedFile(upload.filename, upload.file_id) for upload in uploads)
        await desk.order(caller, book_id, Order(files=files, title=shelf.name))
    return store_object(book_id, shelf, None, await documents_of(request).contents(book_id))


@router.get("", summary="List books as vector stores")
async def list_vector_stores(
    request: Request, paging: Annotated[Paging, Depends()]
) -> dict[str, Any]:
    """Return the books that the caller may read."""
    documents = documents_of(request)
    objects = [
        store_object(book_id, *found, await documents.contents(book_id))
        for book_id, found in (await visible_stores(request)).items()
    ]
    return paging.page(sorted(objects, key=lambda one: (one["created_at"], one["id"])))


@router.get("/{vector_store_id}", summary="A book as a vector store")
async def retrieve_vector_store(request: Request, vector_store_id: str) -> dict[str, Any]:
    """Return a book, with how many of its files are in it."""
    found = await visible_store(request, vector_store_id)
    contents = await documents_of(request).contents(vector_store_id)
    return store_object(vector_store_id, *found, contents)


@router.delete("/{vector_store_id}", summary="Delete a book")
async def delete_vector_store(request: Request, vector_store_id: str) -> dict[str, Any]:
    """Delete a book with all its editions; the files uploaded for it stay."""
    state = state_of(request)
    state.desk.may_write(caller_of(request), vector_store_id)
    await visible_store(request, vector_store_id)
    await state.desk.clear(vector_store_id)
    async with state.open_writer() as writer:
        await writer.delete(vector_store_id)
    return {"id": vector_store_id, "object": "vector_store.deleted", "deleted": True}


@router.post(
    "/{vector_store_id}/search",
    summary="Search a book",
    openapi_extra=json_request(VectorStoreSearchRequest),
)
async def search_vector_store(request: Request, vector_store_id: str) -> dict[str, Any]:
    """Return the passages that fit the query best; of several queries the best of all."""
    asked = parse(VectorStoreSearchRequest, await json_body(request))
    _, book = await visible_store(request, vector_store_id)
    state = state_of(request)
    deadline = Deadline.after(state.settings.server.request_timeout_s)
    best: dict[str, Passage] = {}
    async with entry_for(request, state.embedder.model, lambda: "\n".join(asked.queries)):
        for query in asked.queries:
            found = await state.retriever.search(
                query, [book] if book else [], asked.max_num_results, deadline
            )
            for passage in found.passages:
                known = best.get(passage.chunk.chunk_id)
                if known is None or known.score < passage.score:
                    best[passage.chunk.chunk_id] = passage
    floor = asked.ranking_options.score_threshold if asked.ranking_options else None
    passages = [one for one in best.values() if floor is None or one.score >= floor]
    passages.sort(key=lambda one: (-one.score, one.chunk.chunk_id))
    files = await documents_of(request).shelved(vector_store_id)
    links = links_of(request)
    return {
        "object": "vector_store.search_results.page",
        "search_query": asked.queries,
        "data": [_result(passage, files, links) for passage in passages[: asked.max_num_results]],
        "has_more": False,
        "next_page": None,
    }


def _result(passage: Passage, files: Sequence[ShelvedFile], links: SourceLinks) -> dict[str, Any]:
    chunk = passage.chunk
    upload = file_of(chunk.document_id, files)
    attributes = {
        "book": chunk.book,
        "title": title_of(chunk),
        "url": links.url(chunk),
        "chunk_id": chunk.chunk_id,
        **(upload.attributes if upload else {}),
    }
    return {
        "file_id": upload.file_id if upload else content_id_for(chunk.book, chunk.document_id),
        "filename": chunk.document_id,
        "score": round(passage.score, 4),
        "attributes": {
            name: value[:_MAX_ATTRIBUTE_CHARS] if isinstance(value, str) else value
            for name, value in attributes.items()
        },
        "content": [{"type": "text", "text": chunk.text}],
    }
