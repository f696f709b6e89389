"""Gemini's failures to ours: HTTP statuses, in-band errors, RetryInfo, broken connections.

Google's messages are shortened, and passed on only where they speak of the client's own request;
all others are replaced, for they may quote prompts, project names or keys.
"""

import math
import re
from collections.abc import Callable
from typing import Any, cast

import aiohttp
import orjson

from proxy.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    PayloadTooLarge,
    PermissionDenied,
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

_RETRY_IN = re.compile(r"retry in (\d{1,6}(?:\.\d+)?)s", re.IGNORECASE)
_DELAY = re.compile(r"(\d{1,9}(?:\.\d+)?)s")
_NO_QUOTA = re.compile(r"\blimit: 0\b")
"""A model that the plan of the key does not include."""
_ABOUT_A_PARAMETER = re.compile(r"is not enabled for|thinking|candidate_?count", re.IGNORECASE)
_SECRET = re.compile(r"AIza[\w-]+|ya29\.[\w.-]+|projects/[\w-]+|project_number:\d+")
"""Keys, tokens and project names."""
_MAX_MESSAGE_CHARS = 500
_LONGEST_HONEST_RETRY_S = 120.0
"""The OpenAI SDKs do not wait longer (python) or wait without bound (node)."""


_BY_STATUS: dict[int, Callable[[], ProxyError]] = {
    401: lambda: UpstreamAuthError("The upstream refused this server's credentials."),
    403: lambda: UpstreamAuthError("The upstream refused this server's credentials."),
    404: lambda: ModelNotFound("The upstream knows no such model.", param="model"),
    408: lambda: UpstreamUnreachable("The upstream could not be reached."),
    413: lambda: PayloadTooLarge("The request is too large for the upstream."),
    499: lambda: UpstreamOverloaded(
        "The upstream cancelled the request.", code="upstream_cancelled"
    ),
    500: lambda: UpstreamFailed("The upstream reported an internal error."),
    502: lambda: UpstreamUnreachable("The upstream could not be reached."),
    503: lambda: UpstreamOverloaded("The upstream is overloaded; try again shortly."),
    504: lambda: UpstreamTimeout("The upstream did not answer in time."),
}


def http_error(status: int, body: bytes) -> ProxyError:
    """Return the failure that an HTTP error response stands for."""
    try:
        parsed: Any = orjson.loads(body)
        error = cast("Any", parsed[0] if isinstance(parsed, list) else parsed)["error"]
        return error_to_proxy_error({**error, "code": status})
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        return error_to_proxy_error({"code": status})


def connection_error(exc: aiohttp.ClientError | OSError) -> ProxyError:
    """Return the failure that a failed exchange stands for; a TimeoutError is our own limit."""
    unreachable = "The upstream could not be reached."
    if isinstance(exc, aiohttp.ClientSSLError):
        return UpstreamUnreachable(
            "No safe connection to the upstream could be made.", code="upstream_tls"
        )
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return UpstreamUnreachable(unreachable, code="upstream_dns")
    if isinstance(exc, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return UpstreamUnreachable(unreachable)
    if isinstance(exc, TimeoutError):
        return UpstreamTimeout("The upstream did not answer in time.")
    return UpstreamUnreachable("The connection to the upstream broke.", code="upstream_reset")


def in_band_error(error: Any) -> ProxyError:
    """Return the failure that an error object within a stream stands for."""
    return error_to_proxy_error(cast("dict[str, Any]", error) if isinstance(error, dict) else {})


def error_to_proxy_error(error: dict[str, Any]) -> ProxyError:
    """Translate Google's error object by its numeric code."""
    code, message = error.get("code"), str(error.get("message") or "")
    if code == 400:
        return _bad_request(error, message)
    if code == 429:
        return _rate_limited(error, message)
    if isinstance(code, int) and code in _BY_STATUS:
        return _BY_STATUS[code]()
    return unreadable()


def unreadable() -> UpstreamInvalidResponse:
    """Return the failure of an answer that is not what it should be; what it was is not said."""
    return UpstreamInvalidResponse("The upstream's answer could not be read.")


_ABOUT = (
    (re.compile("thought_?signature", re.IGNORECASE), "missing_thought_signature", "messages"),
    (
        re.compile(r"function_?declarations|parameters_?json_?schema", re.IGNORECASE),
        "invalid_function_parameters",
        "tools",
    ),
    (re.compile("too many states|schema", re.IGNORECASE), "invalid_json_schema", "response_format"),
    (re.compile("URL_[A-Z]"), "invalid_image_url", "messages"),
    (re.compile("input image", re.IGNORECASE), "invalid_image", "messages"),
)
"""What a refusal is about, by Google's words: (pattern, code, param)."""


def _bad_request(error: dict[str, Any], message: str) -> ProxyError:
    if "API_KEY_INVALID" in _reasons(error) or "API key not valid" in message:
        return UpstreamAuthError("The upstream refused this server's API key.")
    if "User location is not supported" in message:
        return PermissionDenied(
            "The upstream does not serve this server's region.",
            code="unsupported_country_region_territory",
        )
    said = _SECRET.sub("…", message)[:_MAX_MESSAGE_CHARS]
    if "token count" in message and "exceeds" in message:
        return ContextLengthExceeded(said, param="messages")
    for pattern, code, param in _ABOUT:
        if pattern.search(message):
            return InvalidRequest(f"The upstream refused: {said}", param=param, code=code)
    if _ABOUT_A_PARAMETER.search(message):
        return UnsupportedParameter(f"The upstream refused a parameter: {said}")
    return InvalidRequest(f"The upstream refused the request: {said}", code="invalid_request")


def _rate_limited(error: dict[str, Any], message: str) -> ProxyError:
    if _is_exhausted(error, message):
        return QuotaExhausted("The upstream's quota is used up.")
    delay_s = retry_delay_s(error, message)
    return RateLimited(
        "The upstream's rate limit is reached.",
        retry_after_s=delay_s,
        should_retry=False if delay_s and delay_s > _LONGEST_HONEST_RETRY_S else None,
    )


def retry_delay_s(error: dict[str, Any], message: str) -> float | None:
    """Return how long Google asks to wait, in seconds.

    The message is more exact than RetryInfo, which cuts off the fraction: 48.9 s there is "48s".
    """
    if match := _RETRY_IN.search(message):
        return float(math.ceil(float(match[1])))
    for detail in _details(error):
        if match := _DELAY.fullmatch(str(detail.get("retryDelay"))):
            return float(match[1])
    return None


def _is_exhausted(error: dict[str, Any], message: str) -> bool:
    violations = [v for detail in _details(error) for v in _objects(detail.get("violations"))]
    return bool(_NO_QUOTA.search(message)) or any(
        "PerDay" in str(v.get("quotaId", "")) or str(v.get("quotaValue", "")) == "0"
        for v in violations
    )


def _reasons(error: dict[str, Any]) -> set[str]:
    return {str(detail.get("reason", "")) for detail in _details(error)}


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return _objects(error.get("details"))


def _objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON list, none of anything else."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]
