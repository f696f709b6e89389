"""The `openai` package's exceptions, and errors within a stream, to ours.

What an upstream says is passed on only where it speaks of the client's own request; all else is
replaced, for it may quote prompts, organisations or keys.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx2
import openai

from proxy.adapters.openai_compat.text import clean_text
from proxy.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    PayloadTooLarge,
    ProxyError,
    QuotaExhausted,
    RateLimited,
    UnsupportedParameter,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)

FAILURES = (
    openai.OpenAIError,
    httpx2.RequestError,
    TimeoutError,
    json.JSONDecodeError,
    UnicodeDecodeError,
)
"""Everything an exchange with an upstream can raise: the package lets the last ones through."""

_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum context|prompt is too long", re.IGNORECASE
)
_SECRET = re.compile(r"(?:sk|xai|gsk|org|proj)[-_][\w-]{6,}|Bearer \S+")
_MAX_MESSAGE_CHARS = 500
_LONGEST_HONEST_RETRY_S = 120.0
"""The OpenAI SDKs do not wait longer (python) or wait without bound (node)."""

_STATUS_OF_WORD: Mapping[str, int] = {
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "authentication_error": 401,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 503,
}
"""What an error within a stream is called to the status it would have had before it."""

_BY_STATUS: Mapping[int, Callable[[], ProxyError]] = {
    401: lambda: UpstreamAuthError("The upstream refused this server's credentials."),
    403: lambda: UpstreamAuthError("The upstream refused this server's credentials."),
    404: lambda: ModelNotFound("The upstream knows no such model.", param="model"),
    408: lambda: UpstreamUnreachable("The upstream could not be reached."),
    500: lambda: UpstreamFailed("The upstream reported an internal error."),
    502: lambda: UpstreamUnreachable("The upstream could not be reached."),
    503: lambda: UpstreamOverloaded("The upstream is overloaded; try again shortly."),
    504: lambda: UpstreamTimeout("The upstream did not answer in time."),
    529: lambda: UpstreamOverloaded("The upstream is overloaded; try again shortly."),
}

_OUT_OF_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


def to_proxy_error(exc: Exception) -> ProxyError:
    """Return the failure that one of `FAILURES` stands for; a TimeoutError is our own limit."""
    if isinstance(exc, openai.APIStatusError):
        return _by_status(exc.status_code, _fields(exc.body), exc.response.headers)
    if isinstance(exc, openai.APIConnectionError):
        return _connection_error(exc.__cause__)
    if isinstance(exc, httpx2.RequestError):
        return _connection_error(exc)
    if isinstance(exc, openai.APIError):
        return in_band_error(exc.body)
    if isinstance(exc, TimeoutError):
        return _BY_STATUS[504]()
    return unreadable()


def in_band_error(body: Any) -> ProxyError:
    """Return the failure that an error object within an answer stands for."""
    error = _fields(body)
    code, kind = error.get("code"), error.get("type")
    if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()):
        return _by_status(int(code), error, {})
    status = _STATUS_OF_WORD.get(str(code)) or _STATUS_OF_WORD.get(str(kind)) or 500
    return _by_status(status, error, {})


def unreadable() -> UpstreamInvalidResponse:
    """Return the failure of an answer that is not what it should be; what it was is not said."""
    return UpstreamInvalidResponse("The upstream's answer could not be read.")


def _by_status(status: int, error: Mapping[str, Any], headers: Mapping[str, str]) -> ProxyError:
    if status in {400, 413, 422}:
        return _refused(status, error)
    if status in {402, 429}:
        return _rate_limited(status, error, headers)
    if status in _BY_STATUS:
        return _BY_STATUS[status]()
    return _BY_STATUS[500]() if status >= 500 else unreadable()


def _refused(status: int, error: Mapping[str, Any]) -> ProxyError:
    message, code = clean_text(str(error.get("message") or "")), error.get("code")
    said = _SECRET.sub("…", message)[:_MAX_MESSAGE_CHARS] or "it does not say why"
    if code == "context_length_exceeded" or _TOO_LONG.search(message):
        return ContextLengthExceeded(said, param="messages")
    if status == 413:
        return PayloadTooLarge("The request is too large for the upstream.")
    if code == "model_not_found":
        return _BY_STATUS[404]()
    kind = UnsupportedParameter if code in {"unsupported_parameter", "unsupported_value"} else None
    param = error.get("param")
    # Places within `messages` are those of our request, which has more of them than the client's.
    is_ours = not isinstance(param, str) or param.startswith(("messages", "body"))
    return (kind or InvalidRequest)(
        f"The upstream refused the request: {said}",
        param=None if is_ours else clean_text(param)[:64],
        code=None if kind else "invalid_request",
    )


def _rate_limited(status: int, error: Mapping[str, Any], headers: Mapping[str, str]) -> RateLimited:
    if status == 402 or {str(error.get("code")), str(error.get("type"))} & _OUT_OF_MONEY:
        return QuotaExhausted("The upstream's quota is used up.")
    delay_s = _seconds(headers.get("retry-after-ms"), 0.001)
    if delay_s is None:
        delay_s = _seconds(headers.get("retry-after"), 1.0)
    return RateLimited(
        "The upstream's rate limit is reached.",
        retry_after_s=delay_s,
        should_retry=False if delay_s and delay_s > _LONGEST_HONEST_RETRY_S else None,
    )


def _seconds(value: str | None, unit_s: float) -> float | None:
    """Return a delay; None where it is none, such as a date."""
    if value is None or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return None
    return float(value) * unit_s


def _connection_error(cause: BaseException | None) -> UpstreamUnreachable:
    # Only connecting has a limit of the package's own, so any timeout of its is one of that.
    if isinstance(cause, httpx2.ConnectError | httpx2.TimeoutException):
        return UpstreamUnreachable("The upstream could not be reached.")
    return UpstreamUnreachable("The connection to the upstream broke.", code="upstream_reset")


def _fields(body: Any) -> Mapping[str, Any]:
    """Return the error object; servers also send bare text, pages, one level of nesting more."""
    if isinstance(body, str) and not body.lstrip().startswith("<"):
        return {"message": body}
    if not isinstance(body, dict):
        return {}
    fields = cast("dict[str, Any]", body)
    inner = fields.get("error")
    if isinstance(inner, dict):
        return cast("dict[str, Any]", inner)
    return {**fields, "message": inner} if isinstance(inner, str) else fields
