"""The few URLs that carry the load, served before FastAPI's routing.

Matching, dependency solving and two exit stacks cost more than translating the request
(`make bench`); these endpoints use none of it. Their routes stay registered, for the OpenAPI
document and for every other method.
"""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.api.chat_completions import create_chat_completion
from proxy.api.embeddings import create_embeddings
from proxy.api.guard import authenticated
from proxy.api.headers import HotRequest
from proxy.api.middleware import ROUTE
from proxy.api.responses import create_response

Endpoint = Callable[[Request], Awaitable[Response]]

ENDPOINTS: Mapping[str, Endpoint] = {
    "/v1/chat/completions": create_chat_completion,
    "/v1/embeddings": create_embeddings,
    "/v1/responses": create_response,
}
"""All of them POST."""


class HotPath:
    """Serves `ENDPOINTS`; everything else goes on to the router. Errors are `ErrorBoundary`'s."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        endpoint = ENDPOINTS.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope[ROUTE] = scope["path"]
        response = await endpoint(await authenticated(HotRequest(scope, receive)))
        await response(scope, receive, send)
