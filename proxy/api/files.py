"""/v1/files: what authors upload, before it goes into a book."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from proxy.api.deps import state_of
from proxy.api.forms import files_of, form_of, keep, text_of_field
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.paging import list_object
from proxy.errors import InvalidRequest
from proxy.store import Upload

router = APIRouter(route_class=GuardedRoute, prefix="/v1/files", tags=["OpenAI"])

PURPOSES = ("assistants", "user_data")


@router.post("", summary="Upload a file")
async def create_file(request: Request) -> dict[str, Any]:
    """Keep a file, to be put into a vector store later."""
    caller = caller_of(request)
    caller.require("author")
    async with form_of(request) as form:
        purpose = text_of_field(form, "purpose") or "assistants"
        if purpose not in PURPOSES:
            raise InvalidRequest(
                f"'purpose' is one of {', '.join(PURPOSES)} here.", param="purpose"
            )
        file = files_of(form, "file")[0]
        return file_object(await keep(state_of(request).desk, caller, file, purpose=purpose))


@router.get("", summary="List uploaded files")
async def list_files(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    after: Annotated[str | None, Query(max_length=64)] = None,
    purpose: Annotated[str | None, Query(max_length=32)] = None,
) -> dict[str, Any]:
    """Return the caller's files, the newest first; an admin's list holds everybody's."""
    page = await state_of(request).desk.uploads(
        caller_of(request), limit=limit, after=after, purpose=purpose
    )
    return list_object([file_object(one) for one in page.records], has_more=page.has_more)


@router.get("/{file_id}", summary="An uploaded file")
async def retrieve_file(request: Request, file_id: str) -> dict[str, Any]:
    """Return what is known of a file."""
    return file_object(await state_of(request).desk.find_upload(caller_of(request), file_id))


@router.delete("/{file_id}", summary="Delete an uploaded file")
async def delete_file(request: Request, file_id: str) -> dict[str, Any]:
    """Forget a file; what books hold of it stays."""
    await state_of(request).desk.delete_upload(caller_of(request), file_id)
    return {"id": file_id, "object": "file", "deleted": True}


def file_object(upload: Upload) -> dict[str, Any]:
    """Return an upload as OpenAI's clients read it."""
    return {
        "id": upload.file_id,
        "object": "file",
        "bytes": upload.size_bytes,
        "created_at": int(upload.created.timestamp()),
        "filename": upload.filename,
        "purpose": upload.purpose,
        "status": "processed",
    }
