"""What wraps every request: an id, a log line, an answer to failures; on loopback a look at Host.

Pure ASGI: a `BaseHTTPMiddleware` would put a queue and a task between a token and its reader.
"""

import logging
import re
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.api.errors import as_proxy_error, error_response, printable
from proxy.api.headers import headers_of
from proxy.errors import PermissionDenied, ServerStopping
from proxy.protocol.ids import new_id
from proxy.settings import LOOPBACK_HOSTS
from proxy.telemetry.logs import log
from proxy.telemetry.requests import begin_request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
STATUS = "book_proxy.status"
"""Where a scope holds what was answered, once the answer has begun."""
ROUTE = "book_proxy.route"
"""Where a scope holds the URL it was served as, if that was not FastAPI's routing."""
_QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})


class RequestContext:
    """Names the request, counts and logs it once it is answered, adds what every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = headers_of(scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{new_id()}"
        record = begin_request(request_id)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope[STATUS] = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            status = scope.get(STATUS, 0)
            took_s = record.count(route_of(scope), scope["method"], status)
            level = logging.DEBUG if scope["path"] in _QUIET_PATHS else logging.INFO
            if log.is_enabled_for(level):
                log.log(
                    level,
                    "request",
                    method=scope["method"],
                    path=printable(scope["path"]),
                    status=status,
                    ms=round(took_s * 1_000, 1),
                    **record.for_the_log(),
                )


def route_of(scope: Scope) -> str:
    """Return the pattern of the URL that was asked for; never the URL: there is no end of those."""
    if (route := scope.get(ROUTE)) is not None:
        return route
    return getattr(scope.get("route"), "path", "unknown")


class CrossOrigin(CORSMiddleware):
    """Starlette's CORS, out of the way of requests that no page of another origin makes."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Serve one request."""
        if scope["type"] == "http" and b"origin" not in headers_of(scope).first:
            return self.app(scope, receive, send)
        return super().__call__(scope, receive, send)


class ErrorBoundary:
    """Answers whatever was raised below it in the envelope, as long as nothing was sent.

    `RequestContext`, around it, notes that something was: a second look at every piece of a stream
    would be felt.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._app(scope, receive, send)
        except Exception as exc:
            if STATUS in scope and isinstance(exc, ServerStopping):
                return  # its stream has told of it
            if STATUS in scope or scope["type"] != "http":
                raise
            await error_response(as_proxy_error(exc))(scope, receive, send)


class LoopbackGuard:
    """Without auth, answers only requests made to this machine, by pages that may make them.

    A page anywhere on the web can point a name of its own at 127.0.0.1 (DNS rebinding) or post to
    it; the Host and Origin headers tell.
    """

    def __init__(self, app: ASGIApp, *, allowed_origins: tuple[str, ...]) -> None:
        self._app = app
        self._allowed_origins = frozenset(origin.encode() for origin in allowed_origins)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, or refuse it."""
        if (
            scope["type"] == "http"
            and scope["state"]["authenticator"].is_open
            and (refusal := self._refusal(headers_of(scope).first))
        ):
            response = error_response(PermissionDenied(refusal, code="forbidden_origin"))
            return response(scope, receive, send)
        return self._app(scope, receive, send)

    def _refusal(self, headers: Mapping[bytes, bytes]) -> str | None:
        if not _is_local(b"//" + headers.get(b"host", b"")):
            return "This proxy has no auth configured and answers to local names only."
        origin = headers.get(b"origin")
        if origin is None or origin in self._allowed_origins or _is_local(origin):
            return None
        return "Pages of this origin may not call this proxy; see ALLOWED_ORIGINS."


@lru_cache(maxsize=1_024)
def _is_local(url: bytes) -> bool:
    try:
        return urlsplit(url.decode("latin-1")).hostname in LOOPBACK_HOSTS
    except ValueError:
        return False
