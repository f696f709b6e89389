"""Every exception to OpenAI's envelope; the one place where an error becomes a response."""

import math
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from proxy.errors import (
    InternalError,
    InvalidApiKey,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    ProxyError,
)
from proxy.protocol.parsing import param_path
from proxy.protocol.sse import error_object
from proxy.telemetry.logs import log


def register(app: FastAPI) -> None:
    """Make `app` answer failures in the envelope, unknown URLs included.

    What nobody expected is not among them: Starlette would answer it outside of our middleware,
    without a request id; `middleware.ErrorBoundary` does it within.
    """
    app.add_exception_handler(ProxyError, _proxy_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)


def error_response(error: ProxyError) -> Response:
    """Return the HTTP response that tells a client of `error`."""
    headers: dict[str, str] = {}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after_s))
        headers["retry-after-ms"] = str(math.ceil(error.retry_after_s * 1_000))
    if error.should_retry is not None:
        headers["x-should-retry"] = "true" if error.should_retry else "false"
    if isinstance(error, InvalidApiKey):
        headers["www-authenticate"] = "Bearer"
    response = Response(
        orjson.dumps(error_object(error)),
        status_code=error.status,
        headers=headers,
        media_type="application/json",
    )
    response.raw_headers += error.headers
    return response


def as_proxy_error(exc: Exception) -> ProxyError:
    """Return `exc`, or what may be said of a defect; that one is logged here with its traceback."""
    if isinstance(exc, ProxyError):
        if exc.status >= 500:
            log.warning("failed", code=exc.code, status=exc.status, cause=_cause(exc))
        return exc
    log.error("unexpected_error", exc_info=exc)
    return InternalError("Something went wrong on our side; the request id helps to find it.")


def _cause(exc: ProxyError) -> str | None:
    """Return the kind of what was behind a failure; its message may quote anything."""
    return type(exc.__cause__).__name__ if exc.__cause__ else None


async def _proxy_error(_request: Request, exc: Exception) -> Response:
    return error_response(as_proxy_error(exc))


async def _http_exception(request: Request, exc: Exception) -> Response:
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    if status == 405:
        error: ProxyError = MethodNotAllowed(f"{request.method} is not allowed here.")
    elif status == 404:
        error = NotFound(
            f"Unknown URL: {request.method} {printable(request.scope['path'])}", code="unknown_url"
        )
    else:
        error = InvalidRequest("The request could not be read.")
    response = error_response(error)
    if isinstance(exc, HTTPException) and exc.headers and "Allow" in exc.headers:
        response.headers["allow"] = exc.headers["Allow"]
    return response


async def _validation_error(_request: Request, exc: Exception) -> Response:
    errors: list[dict[str, Any]] = (
        list(exc.errors()) if isinstance(exc, RequestValidationError) else []
    )
    first = errors[0] if errors else {"loc": (), "msg": "not of the expected form"}
    param = param_path(tuple(first["loc"])[1:])
    code = "missing_required_parameter" if first.get("type") == "missing" else None
    return error_response(
        InvalidRequest(f"Invalid '{param}': {first['msg']}.", param=param or None, code=code)
    )


def printable(path: str) -> str:
    """Return a path for messages and logs: cut, and without anything that moves a cursor."""
    shown = path[:200]
    if shown.isascii() and shown.isprintable() and "\\" not in shown:
        return shown
    return shown.encode("unicode_escape").decode()
