"""Every failure a client can be told about, each with its place in OpenAI's error envelope.

ProxyError
├── InvalidRequest            400  the request is wrong; `param` says where
│   ├── UnsupportedParameter  400  a parameter that cannot be honoured here
│   └── ContextLengthExceeded 400  more tokens than the model reads
├── InvalidApiKey             401
├── PermissionDenied          403
├── NotFound                  404  an unknown URL, book, passage
│   └── ModelNotFound         404
├── MethodNotAllowed          405
├── Conflict                  409  another process holds what this one needs
├── PayloadTooLarge           413
├── UnsupportedMediaType      415
├── RateLimited               429  the upstream's or our own limit, see `retry_after_s`
│   └── QuotaExhausted        429  retrying will not help today
├── UpstreamAuthError         502  the server's own key was refused
├── UpstreamInvalidResponse   502  what came back cannot be read
├── UpstreamUnreachable       502
├── UpstreamFailed            500  the upstream's own internal error
├── UpstreamOverloaded        503
├── ServerStopping            503  the time that open answers get to finish has run out
├── IdentityUnavailable       503  the issuer's keys cannot be had, so no token can be checked
├── StoreUnavailable          503  the database does not answer
├── RetrievalUnavailable      503  embedding or search failed and the policy is `strict`
├── UpstreamTimeout           504
└── InternalError             500  our fault; the message never says more

Raised anywhere, rendered in one place (`api/errors.py`).
"""

from collections.abc import Sequence
from typing import ClassVar


class ProxyError(Exception):
    """A failure with an HTTP status and OpenAI's `type` and `code`."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: str = "internal_error"
    should_retry: bool | None = None
    """Sent as `x-should-retry`, which the OpenAI SDKs obey before all else; None: not sent."""
    headers: Sequence[tuple[bytes, bytes]] = ()
    """Sent with it, where it becomes a response."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after_s: float | None = None,
        should_retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s
        if code is not None:
            self.code = code
        if should_retry is not None:
            self.should_retry = should_retry


class InvalidRequest(ProxyError):
    """The client's request is wrong."""

    status = 400
    type = "invalid_request_error"
    code = "invalid_value"


class UnsupportedParameter(InvalidRequest):
    """Honouring the parameter is impossible and ignoring it would mislead."""

    code = "unsupported_parameter"


class ContextLengthExceeded(InvalidRequest):
    """The prompt is longer than the model reads."""

    code = "context_length_exceeded"


class InvalidApiKey(ProxyError):
    """No credential, or one that is not known."""

    status = 401
    type = "invalid_request_error"
    code = "invalid_api_key"


class PermissionDenied(ProxyError):
    """The caller is known and may not do this."""

    status = 403
    type = "invalid_request_error"
    code = "permission_denied"


class NotFound(ProxyError):
    """Nothing is at this URL or id."""

    status = 404
    type = "invalid_request_error"
    code = "not_found"


class ModelNotFound(NotFound):
    """No such model, here or upstream."""

    code = "model_not_found"


class MethodNotAllowed(ProxyError):
    """The URL exists, the method does not."""

    status = 405
    type = "invalid_request_error"
    code = "method_not_allowed"


class Conflict(ProxyError):
    """Another process holds what this one needs."""

    status = 409
    type = "invalid_request_error"
    code = "conflict"


class PayloadTooLarge(ProxyError):
    """The body exceeds the limit of its endpoint."""

    status = 413
    type = "invalid_request_error"
    code = "request_too_large"


class UnsupportedMediaType(ProxyError):
    """The body is not plain JSON."""

    status = 415
    type = "invalid_request_error"
    code = "unsupported_media_type"


class RateLimited(ProxyError):
    """A per-minute limit, the upstream's or ours; ours says in `headers` how the caller stands."""

    status = 429
    type = "requests"
    code = "rate_limit_exceeded"


class QuotaExhausted(RateLimited):
    """A daily quota or the billing limit: retrying burns requests for nothing."""

    type = "insufficient_quota"
    code = "insufficient_quota"
    should_retry = False


class UpstreamAuthError(ProxyError):
    """The upstream refused the server's own key; the client can do nothing about it."""

    status = 502
    type = "api_error"
    code = "upstream_auth_error"
    should_retry = False


class UpstreamInvalidResponse(ProxyError):
    """The upstream answered with something that cannot be read, or stopped in the middle."""

    status = 502
    type = "api_error"
    code = "upstream_invalid_response"


class UpstreamUnreachable(ProxyError):
    """No connection, or it broke."""

    status = 502
    type = "api_error"
    code = "upstream_unreachable"


class UpstreamFailed(ProxyError):
    """The upstream reported an internal error of its own."""

    status = 500
    type = "server_error"
    code = "upstream_error"


class UpstreamOverloaded(ProxyError):
    """The upstream has no capacity right now."""

    status = 503
    type = "server_error"
    code = "upstream_overloaded"


class ServerStopping(ProxyError):
    """The time that open answers get when the server stops has run out."""

    status = 503
    type = "server_error"
    code = "server_stopping"


class UpstreamTimeout(ProxyError):
    """The upstream did not answer in time."""

    status = 504
    type = "server_error"
    code = "upstream_timeout"


class RetrievalUnavailable(ProxyError):
    """The book cannot be searched right now."""

    status = 503
    type = "server_error"
    code = "retrieval_unavailable"


class IdentityUnavailable(ProxyError):
    """The keys that tokens are signed with cannot be had right now."""

    status = 503
    type = "server_error"
    code = "auth_unavailable"


class StoreUnavailable(ProxyError):
    """What is remembered of readers cannot be read or written right now."""

    status = 503
    type = "server_error"
    code = "database_unavailable"


class InternalError(ProxyError):
    """A defect of ours; details go to the log, never to the client."""


class ConfigurationError(Exception):
    """The settings cannot work; one line for the operator, exit code 2. Never sent to a client."""
