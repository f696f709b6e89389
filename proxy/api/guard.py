"""The route class of everything that needs a caller: none of its endpoints can forget to ask."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from proxy.caller import Caller


class GuardedRoute(APIRoute):
    """Authenticates before the endpoint runs; `caller_of(request)` is who it was."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler behind the check."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            return await handler(await authenticated(request))

        return guarded


async def authenticated(request: Request) -> Request:
    """Return the request with its caller noted.

    Raises:
        InvalidApiKey: nobody we know sent it.
    """
    state = request.scope["state"]
    state["caller"] = await state["authenticator"].authenticate(request.headers)
    return request


def caller_of(request: Request) -> Caller:
    """Return who a guarded route serves."""
    caller: Caller = request.scope["state"]["caller"]
    return caller
