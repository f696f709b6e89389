"""/api/content: files into books, and the jobs that bring them there."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from proxy.api.deps import json_body, state_of
from proxy.api.forms import files_of, form_of, is_form, keep, text_of_field
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.openapi import json_request
from proxy.api.stores import documents_of, visible_stores
from proxy.caller import Caller
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest
from proxy.library.desk import Desk
from proxy.library.orders import Order, PlacedFile
from proxy.protocol.parsing import parse
from proxy.protocol.site_chat import timestamp
from proxy.protocol.site_content import ContentRequest, SiteRequest
from proxy.store import IngestJob

router = APIRouter(route_class=GuardedRoute, prefix="/api/content", tags=["Content"])

_PURPOSE = "assistants"
_ACCEPTED = 202
_LOOK_AGAIN_S = 0.2


@router.post(
    "/ingest",
    status_code=_ACCEPTED,
    summary="Put files, or the pages of a site, into a book",
    openapi_extra=json_request(SiteRequest),
)
async def ingest(request: Request) -> JSONResponse:
    """Have the files of a form, or the pages of a site, ingested; follow the job that is answered.

    Fields: `book`, `files` (several), `title`, `base_url`, `edition`, and `mode`: `add` (the
    default) leaves the book's other pages alone, `replace` makes these the whole book. As JSON the
    same, with `url` in the place of `files`: the address of a site or of its sitemap.
    """
    caller, desk = caller_of(request), state_of(request).desk
    caller.require("author")
    if not is_form(request):
        return await _ingest_site(caller, desk, parse(SiteRequest, await json_body(request)))
    async with form_of(request) as form:
        book = text_of_field(form, "book")
        if book is None:
            raise InvalidRequest(
                "The form has no field 'book'.", param="book", code="missing_required_parameter"
            )
        desk.may_write(caller, book)
        mode = text_of_field(form, "mode") or "add"
        if mode not in {"add", "replace"}:
            raise InvalidRequest("'mode' is 'add' or 'replace'.", param="mode")
        order = Order(
            is_whole=mode == "replace",
            title=text_of_field(form, "title"),
            base_url=text_of_field(form, "base_url"),
            edition=text_of_field(form, "edition"),
        )
        order.check()
        kept = [
            await keep(desk, caller, one, purpose=_PURPOSE)
            for one in files_of(form, "files", "file")
        ]
    files = tuple(PlacedFile(upload.filename, upload.file_id) for upload in kept)
    return accepted(await desk.order(caller, book, order.with_files(files)))


async def _ingest_site(caller: Caller, desk: Desk, asked: SiteRequest) -> JSONResponse:
    desk.may_write(caller, asked.book)
    order = Order(
        is_whole=asked.mode == "replace",
        title=asked.title or None,
        base_url=asked.base_url or None,
        edition=asked.edition or None,
        site=asked.url,
    )
    order.check()
    return accepted(await desk.order(caller, asked.book, order))


@router.get("/jobs", summary="The newest ingests")
async def jobs(
    request: Request, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[dict[str, Any]]:
    """List jobs, the newest first."""
    found = await state_of(request).desk.jobs(caller_of(request), limit=limit)
    return [job_object(job) for job in found]


@router.get("/jobs/{job_id}", summary="How far an ingest is")
async def job(
    request: Request, job_id: str, wait_s: Annotated[float, Query(ge=0, le=60)] = 0
) -> dict[str, Any]:
    """Return a job: its status, its progress, in the end what it did and which files failed.

    With `wait_s` the answer comes when the job is over, or after that many seconds.
    """
    waiting = Deadline.after(wait_s)
    caller, desk = caller_of(request), state_of(request).desk
    # Another process may be working on it, which only the store can tell.
    while (found := await desk.find_job(caller, job_id)).is_open and waiting.remaining_s() > 0:  # noqa: ASYNC110
        await asyncio.sleep(waiting.within(_LOOK_AGAIN_S))
    return job_object(found)


@router.delete("/jobs/{job_id}", summary="Cancel an ingest")
async def cancel(request: Request, job_id: str) -> dict[str, Any]:
    """Cancel a job; readers go on with the edition they have. One that is over stays as it is."""
    return job_object(await state_of(request).desk.cancel_job(caller_of(request), job_id))


@router.put(
    "/{content_id}",
    status_code=_ACCEPTED,
    summary="Replace a page",
    openapi_extra=json_request(ContentRequest),
)
async def replace(request: Request, content_id: str) -> JSONResponse:
    """Replace what a page is made of: by JSON `{content}`, or by the one file of a form."""
    caller, desk = caller_of(request), state_of(request).desk
    caller.require("author")
    book, path = await _place(request, content_id)
    if is_form(request):
        async with form_of(request) as form:
            file = files_of(form, "file", "files")[0]
            upload = await keep(desk, caller, file, purpose=_PURPOSE, filename=path)
    else:
        text = parse(ContentRequest, await json_body(request)).content.encode()
        upload = await desk.upload(
            caller, filename=path, purpose=_PURPOSE, size_bytes=len(text), pieces=[text]
        )
    order = Order(files=(PlacedFile(path, upload.file_id),))
    return accepted(await desk.order(caller, book, order))


@router.delete("/{content_id}", status_code=_ACCEPTED, summary="Take a page out of its book")
async def remove(request: Request, content_id: str) -> JSONResponse:
    """Have a page taken out of its book."""
    caller = caller_of(request)
    caller.require("author")
    book, path = await _place(request, content_id)
    return accepted(await state_of(request).desk.order(caller, book, Order(removed=(path,))))


async def _place(request: Request, content_id: str) -> tuple[str, str]:
    return await documents_of(request).place(content_id, list(await visible_stores(request)))


def accepted(found: IngestJob) -> JSONResponse:
    """Return the answer to an order: where to follow its job."""
    location = f"/api/content/jobs/{found.job_id}"
    return JSONResponse(job_object(found), _ACCEPTED, headers={"location": location})


def job_object(found: IngestJob) -> dict[str, Any]:
    """Return a job as clients read it."""
    return {
        "job_id": found.job_id,
        "book": found.book,
        "status": found.status,
        "progress": dict(found.progress),
        "created_at": timestamp(found.created),
        "updated_at": timestamp(found.updated),
    }
