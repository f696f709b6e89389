"""GET and PUT /api/me: the reader's profile and use."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.deps import json_body, state_of
from proxy.api.guard import GuardedRoute
from proxy.api.identified import identified
from proxy.api.openapi import json_request
from proxy.caller import Background, Caller
from proxy.protocol.parsing import parse
from proxy.protocol.site_chat import ProfileRequest
from proxy.store import UsageCount

router = APIRouter(route_class=GuardedRoute, prefix="/api/me", tags=["Conversations"])


@router.get("", summary="Your profile and use")
async def get_me(request: Request) -> Response:
    """Return who the proxy takes the caller for, and what it used today."""
    caller, headers = identified(request)
    return await _profile(request, caller, headers)


@router.put("", summary="Change your profile", openapi_extra=json_request(ProfileRequest))
async def put_me(request: Request) -> Response:
    """Change the reader's background; what is left out stays as it is."""
    said = parse(ProfileRequest, await json_body(request))
    caller, headers = identified(request)
    readers = (await state_of(request).store()).readers
    reader = await readers.find(caller.caller_id)
    known = Background() if reader is None else reader.background
    named = said.model_fields_set
    background = Background(
        said.software_background if "software_background" in named else known.software,
        said.hardware_background if "hardware_background" in named else known.hardware,
    )
    await readers.set_background(caller, background)
    return await _profile(request, caller, headers)


async def _profile(
    request: Request, caller: Caller, headers: list[tuple[bytes, bytes]]
) -> Response:
    state = state_of(request)
    await state.accounts.flush()
    store = await state.store()
    reader = await store.readers.find(caller.caller_id)
    background = caller.background
    if reader is not None:
        background = background.overlaid(reader.background)
    today = datetime.now(UTC).date()
    used = UsageCount()
    for one in await store.usage.usage(since=today, caller_id=caller.caller_id):
        used.add(one.count)
    body: dict[str, Any] = {
        "id": caller.caller_id,
        "role": caller.role,
        "software_background": background.software,
        "hardware_background": background.hardware,
        "books": None if caller.books is None else sorted(caller.books),
        "usage": {
            "day": today.isoformat(),
            "requests": used.requests,
            "prompt_tokens": used.prompt_tokens,
            "completion_tokens": used.completion_tokens,
            "total_tokens": used.total_tokens,
        },
    }
    return JSONResponse(body, headers={name.decode(): value.decode() for name, value in headers})
