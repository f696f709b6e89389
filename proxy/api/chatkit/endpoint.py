"""POST /chatkit and GET /chatkit/config."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from proxy.api.chatkit import reading
from proxy.api.chatkit.acting import ActionStream
from proxy.api.chatkit.configuration import configuration
from proxy.api.chatkit.requests import (
    AnswerOperation,
    ChatKitRequest,
    NotOffered,
    ThreadsCustomAction,
)
from proxy.api.chatkit.streaming import AnswerStream
from proxy.api.connection import WhileConnected
from proxy.api.deps import json_body, state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.identified import identified
from proxy.api.openapi import json_request
from proxy.errors import UnsupportedParameter
from proxy.protocol.parsing import parse

router = APIRouter(route_class=GuardedRoute, prefix="/chatkit", tags=["ChatKit"])


@router.post("", summary="All operations of ChatKit.js", openapi_extra=json_request(ChatKitRequest))
async def chatkit(request: Request) -> Response:
    """Do one operation; those that have something answered are answered with a stream."""
    operation = parse(ChatKitRequest, await json_body(request)).root
    if isinstance(operation, NotOffered):
        raise UnsupportedParameter(
            f"'{operation.type}' is not offered here: leave attachments and dictation off.",
            param="type",
        )
    caller, headers = identified(request)
    if isinstance(operation, AnswerOperation):
        return WhileConnected(AnswerStream(request, caller, headers, operation).send)
    if isinstance(operation, ThreadsCustomAction):
        store = state_of(request).store
        return WhileConnected(ActionStream(store, caller, headers, operation).send)
    named = {name.decode(): value.decode() for name, value in headers}
    return JSONResponse(await reading.answer(request, caller, operation), headers=named)


@router.get("/config", summary="Options for ChatKit.js")
async def config(request: Request) -> Response:
    """Return what a page gives to ChatKit.js."""
    return JSONResponse(configuration(state_of(request), caller_of(request)))
