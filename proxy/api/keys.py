"""GET /api/keys: which keys there are and what each may use; for admins."""

from typing import Any

from fastapi import APIRouter, Request

from proxy.api.deps import state_of
from proxy.api.guard import GuardedRoute, caller_of
from proxy.caller import Caller
from proxy.identity.api_keys import key_object

router = APIRouter(route_class=GuardedRoute, prefix="/api", tags=["Operations"])


@router.get("/keys", summary="Keys and their limits")
async def keys(request: Request) -> dict[str, Any]:
    """Return the keys of `book-proxy keys`, never a secret, and the limits of all other callers.

    A limit that is null is the one of `default`; 0 is no limit.
    """
    caller_of(request).require("admin")
    state = state_of(request)
    default = state.gate.allowance(Caller("", "reader"))
    found = await (await state.store()).keys.keys()
    return {
        "default": {
            "rpm": default.requests_per_minute,
            "tpm": default.tokens_per_minute,
            "tokens_per_day": default.tokens_per_day or 0,
        },
        "keys": [key_object(key) for key in found],
    }
