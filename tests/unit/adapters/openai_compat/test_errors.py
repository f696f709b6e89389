"""An upstream's failures become ours, and what they quote stays here."""

import json
from typing import Any

import httpx2
import openai
import pytest

from proxy.adapters.openai_compat.errors import in_band_error, to_proxy_error
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

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def refused(status: int, body: object = None, **headers: str) -> ProxyError:
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return to_proxy_error(openai.APIStatusError("private words", response=response, body=body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, UpstreamInvalidResponse),
        (400, InvalidRequest),
        (401, UpstreamAuthError),
        (402, QuotaExhausted),
        (403, UpstreamAuthError),
        (404, ModelNotFound),
        (408, UpstreamUnreachable),
        (413, PayloadTooLarge),
        (418, UpstreamInvalidResponse),
        (422, InvalidRequest),
        (429, RateLimited),
        (500, UpstreamFailed),
        (501, UpstreamFailed),
        (502, UpstreamUnreachable),
        (503, UpstreamOverloaded),
        (504, UpstreamTimeout),
        (529, UpstreamOverloaded),
    ],
)
def test_a_status_has_its_failure(status: int, kind: type[ProxyError]) -> None:
    failure = refused(status, {"message": "about the request"})
    assert type(failure) is kind
    if status not in {400, 422}:
        assert "about the request" not in failure.message


@pytest.mark.parametrize(
    ("headers", "delay_s"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_a_wish_to_wait_is_read(headers: dict[str, str], delay_s: float | None) -> None:
    failure = refused(429, **headers)
    assert failure.retry_after_s == delay_s
    assert failure.should_retry is None


def test_a_long_wait_is_nothing_to_retry() -> None:
    assert refused(429, **{"retry-after": "3600"}).should_retry is False


@pytest.mark.parametrize("field", ["code", "type"])
def test_a_quota_that_is_used_up_is_no_rate_limit(field: str) -> None:
    assert isinstance(refused(429, {field: "insufficient_quota"}), QuotaExhausted)


@pytest.mark.parametrize(
    ("body", "kind", "param"),
    [
        ({"code": "context_length_exceeded"}, ContextLengthExceeded, "messages"),
        (
            {"message": "This model's maximum context length is 8192 tokens"},
            ContextLengthExceeded,
            "messages",
        ),
        (
            {"message": "the request exceeds the available context size"},
            ContextLengthExceeded,
            "messages",
        ),
        ({"code": "unsupported_parameter", "param": "stop"}, UnsupportedParameter, "stop"),
        ({"code": "model_not_found"}, ModelNotFound, "model"),
        ({"param": "temperature"}, InvalidRequest, "temperature"),
        ({"param": "messages[3].content"}, InvalidRequest, None),
        ({"param": 5}, InvalidRequest, None),
    ],
    ids=repr,
)
def test_a_refused_request_says_where(
    body: dict[str, Any], kind: type[ProxyError], param: str | None
) -> None:
    failure = refused(400, body)
    assert type(failure) is kind
    assert failure.param == param


@pytest.mark.parametrize(
    "body",
    [
        {"message": "said"},
        {"error": {"message": "said"}},
        {"error": "said"},
        "said",
    ],
    ids=repr,
)
def test_the_reason_is_found_wherever_a_server_puts_it(body: Any) -> None:
    assert refused(400, body).message.endswith(": said")


@pytest.mark.parametrize("body", [None, {}, [], "<!doctype html> secret"], ids=repr)
def test_no_reason_is_none(body: Any) -> None:
    assert refused(400, body).message.endswith("it does not say why")


def test_secrets_and_novels_are_cut() -> None:
    said = refused(400, {"message": "key sk-abcdefgh123, org-abcdef12 \ud83d" + "x" * 9_000})
    assert "abcdef" not in said.message
    assert len(said.message) < 600
    said.message.encode()


def caused(cause: Exception) -> ProxyError:
    failure = openai.APIConnectionError(request=REQUEST)
    failure.__cause__ = cause
    return to_proxy_error(failure)


def test_a_connection_that_was_never_made_differs_from_one_that_broke() -> None:
    for cause in (httpx2.ConnectError("no"), httpx2.ConnectTimeout("no")):
        assert caused(cause).code == "upstream_unreachable"
    assert caused(httpx2.ReadError("gone")).code == "upstream_reset"
    assert to_proxy_error(httpx2.RemoteProtocolError("gone")).code == "upstream_reset"


def test_the_rest_of_what_an_exchange_can_raise() -> None:
    assert isinstance(to_proxy_error(TimeoutError()), UpstreamTimeout)
    assert isinstance(to_proxy_error(json.JSONDecodeError("", "", 0)), UpstreamInvalidResponse)
    assert isinstance(to_proxy_error(openai.OpenAIError("?")), UpstreamInvalidResponse)
    in_stream = openai.APIError("private", REQUEST, body={"code": 503})
    assert isinstance(to_proxy_error(in_stream), UpstreamOverloaded)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 429}, RateLimited),
        ({"code": "429"}, RateLimited),
        ({"code": "rate_limit_exceeded"}, RateLimited),
        ({"code": "insufficient_quota"}, QuotaExhausted),
        ({"code": None, "type": "overloaded_error"}, UpstreamOverloaded),
        ({"type": "invalid_request_error", "message": "no"}, InvalidRequest),
        ({"type": "server_error"}, UpstreamFailed),
        ("it broke", UpstreamFailed),
        (None, UpstreamFailed),
    ],
    ids=repr,
)
def test_an_error_within_a_stream_has_the_failure_of_its_status(
    error: Any, kind: type[ProxyError]
) -> None:
    assert type(in_band_error(error)) is kind
