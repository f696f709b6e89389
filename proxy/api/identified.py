"""Who a conversation belongs to; an anonymous reader without an id is given one."""

from fastapi import Request

from proxy.api.auth import ANONYMOUS_ID
from proxy.api.deps import state_of
from proxy.api.guard import caller_of
from proxy.caller import Caller

Headers = list[tuple[bytes, bytes]]


def identified(request: Request) -> tuple[Caller, Headers]:
    """Return the caller as somebody to remember, and the headers that tell it its new id."""
    caller = caller_of(request)
    if not caller.is_anonymous or ANONYMOUS_ID in request.headers:
        return caller, []
    new, signed = state_of(request).anonymous_ids.issue()
    return new, [(ANONYMOUS_ID.encode(), signed.encode())]
