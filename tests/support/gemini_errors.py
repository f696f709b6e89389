"""The errors Gemini answers with, in the shapes that were recorded.

Source: recorded bodies of 400, 403, 404 and 429; of 503 only bodies quoted in bug reports are known
(no details). None of them came with a Retry-After header.
"""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from tests.support.gemini_requests import RecordedRequest
from tests.support.http_wire import Wire

_RPC = "type.googleapis.com/google.rpc."
_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with an error in Google's envelope."""

    code: int
    message: str = "The fake was told to fail."
    status: str | None = None
    """Google's word for it; None: the usual one of `code`."""
    retry_delay: str | None = None
    """`"7s"`: adds RetryInfo and, as the real one does, the delay to the message."""
    quota: Literal["minute", "day"] | None = None
    """Adds a QuotaFailure for requests per minute or per day."""
    details: tuple[dict[str, Any], ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The envelope, also usable as an event in the middle of a stream."""
        message = self.message
        details = list(self.details)
        if self.quota is not None:
            details.append(_quota_failure(self.quota))
        if self.retry_delay is not None:
            message += f" Please retry in {self.retry_delay}."
            details.append({"@type": f"{_RPC}RetryInfo", "retryDelay": self.retry_delay})
        error: dict[str, Any] = {
            "code": self.code,
            "message": message,
            "status": self.status or _STATUS_NAMES.get(self.code, "UNKNOWN"),
        }
        return {"error": {**error, "details": details} if details else error}

    async def play(self, wire: Wire, _request: RecordedRequest) -> None:
        """Send it."""
        data = orjson.dumps(self.body, option=orjson.OPT_INDENT_2)
        headers = {"content-type": "application/json; charset=UTF-8", "vary": "Origin"}
        await wire.start(self.code, headers, length_bytes=len(data))
        await wire.write(data)


def _quota_failure(window: Literal["minute", "day"]) -> dict[str, Any]:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
        "quotaId": f"GenerateRequestsPer{window.capitalize()}PerProjectPerModel",
        "quotaDimensions": {"location": "global", "model": "gemini-3.8-flash"},
        "quotaValue": "10",
    }
    return {"@type": f"{_RPC}QuotaFailure", "violations": [violation]}


def api_key_invalid() -> Status:
    """Return what a wrong key gets: a 400, not a 401."""
    message = "API key not valid. Please pass a valid API key."
    reason = {
        "@type": f"{_RPC}ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    localized = {"@type": f"{_RPC}LocalizedMessage", "locale": "en-US", "message": message}
    return Status(400, message, details=(reason, localized))


def api_key_missing() -> Status:
    """Return what a request without any credential gets."""
    return Status(403, "Unregistered callers are not allowed; send an API key.")


def rate_limited(retry_delay: str = "7s") -> Status:
    """Return the 429 of a per-minute quota."""
    return Status(429, "You exceeded your current quota.", retry_delay=retry_delay, quota="minute")


def daily_quota_exhausted() -> Status:
    """Return the 429 that no retry will cure today, though it too suggests a delay."""
    return Status(429, "You exceeded your current quota.", retry_delay="32s", quota="day")


def overloaded() -> Status:
    """Return the 503 of a model in high demand."""
    return Status(503, "This model is currently experiencing high demand.")


def context_too_long() -> Status:
    """Return the 400 for more tokens than the model reads."""
    message = (
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."
    )
    return Status(400, message)


def location_unsupported() -> Status:
    """Return the 400 for callers from a country without service."""
    return Status(400, "User location is not supported for the API use.", "FAILED_PRECONDITION")


def model_not_found(request: RecordedRequest) -> Status:
    """Return the 404 for a model that does not exist or cannot do what is asked."""
    message = (
        f"models/{request.model} is not found for API version {request.api_version}, "
        f"or is not supported for {request.operation}."
    )
    return Status(404, message)
