"""Gemini's failures as ours, the documented table row by row; nothing private passes."""

import socket
import ssl
from typing import Any, cast

import aiohttp
import orjson
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.errors import (
    connection_error,
    http_error,
    in_band_error,
    retry_delay_s,
)
from proxy.errors import ProxyError
from tests.support import gemini_errors as errors
from tests.support.gemini_errors import Status


def translated(reply: Status) -> ProxyError:
    return http_error(reply.code, orjson.dumps(reply.body))


@pytest.mark.parametrize(
    ("reply", "status", "code", "param"),
    [
        (Status(400), 400, "invalid_request", None),
        (errors.api_key_invalid(), 502, "upstream_auth_error", None),
        (Status(400, "API key not valid."), 502, "upstream_auth_error", None),
        (errors.context_too_long(), 400, "context_length_exceeded", "messages"),
        (
            Status(400, "Penalty is not enabled for this model"),
            400,
            "unsupported_parameter",
            None,
        ),
        (Status(400, "Thinking level is not supported"), 400, "unsupported_parameter", None),
        (Status(400, "candidateCount must be 1"), 400, "unsupported_parameter", None),
        (
            Status(400, "tools[0].function_declarations[1].parameters_json_schema: too deep"),
            400,
            "invalid_function_parameters",
            "tools",
        ),
        (
            Status(400, "The schema produces a constraint that has too many states"),
            400,
            "invalid_json_schema",
            "response_format",
        ),
        (errors.location_unsupported(), 403, "unsupported_country_region_territory", None),
        (Status(401), 502, "upstream_auth_error", None),
        (Status(403), 502, "upstream_auth_error", None),
        (Status(404), 404, "model_not_found", "model"),
        (Status(408), 502, "upstream_unreachable", None),
        (Status(413), 413, "request_too_large", None),
        (errors.rate_limited(), 429, "rate_limit_exceeded", None),
        (Status(429), 429, "rate_limit_exceeded", None),
        (
            Status(429, "Quota exceeded for metric: …/requests, limit: 0"),
            429,
            "insufficient_quota",
            None,
        ),
        (
            Status(429, "Quota exceeded for metric: …/requests, limit: 05"),
            429,
            "rate_limit_exceeded",
            None,
        ),
        (errors.daily_quota_exhausted(), 429, "insufficient_quota", None),
        (Status(499), 503, "upstream_cancelled", None),
        (Status(500), 500, "upstream_error", None),
        (Status(502), 502, "upstream_unreachable", None),
        (errors.overloaded(), 503, "upstream_overloaded", None),
        (Status(504), 504, "upstream_timeout", None),
        (Status(418), 502, "upstream_invalid_response", None),
        (Status(302), 502, "upstream_invalid_response", None),
    ],
)
def test_each_refusal_has_its_place(
    reply: Status, status: int, code: str, param: str | None
) -> None:
    failure = translated(reply)
    assert (failure.status, failure.code, failure.param) == (status, code, param)
    in_band = in_band_error(reply.body["error"])
    assert (in_band.status, in_band.code) == (status, code)


@pytest.mark.parametrize(
    ("reply", "should_retry"),
    [
        (errors.api_key_invalid(), False),
        (Status(403), False),
        (errors.daily_quota_exhausted(), False),
        (errors.rate_limited("7s"), None),
        (errors.rate_limited("36000s"), False),
        (errors.overloaded(), None),
    ],
)
def test_clients_are_told_where_retrying_cannot_help(
    reply: Status, *, should_retry: bool | None
) -> None:
    assert translated(reply).should_retry is should_retry


def retry_info(delay: Any) -> dict[str, Any]:
    return {"code": 429, "details": [{"@type": "…RetryInfo", "retryDelay": delay}]}


DELAYS: list[tuple[dict[str, Any], str, float | None]] = [
    (retry_info("48s"), "Please retry in 48.939935699s.", 49),
    (retry_info("1s"), "Please retry in 1.2s", 2),
    (retry_info("48s"), "", 48),
    (retry_info("0.5s"), "Please retry in 500ms.", 0.5),
    (retry_info("36000s"), "Please retry in 10h0m0s.", 36_000),
    (retry_info("soon"), "", None),
    (retry_info("-1s"), "", None),
    (retry_info(5), "", None),
    (retry_info(None), "retry in ...s", None),
    ({}, "no word of it", None),
    ({"details": "none"}, "", None),
    ({"details": [None, "x", {}]}, "", None),
]


@pytest.mark.parametrize(("error", "message", "delay_s"), DELAYS)
def test_a_delay_is_read_where_it_is_most_exact(
    error: dict[str, Any], message: str, delay_s: float | None
) -> None:
    assert retry_delay_s(error, message) == delay_s
    failure = in_band_error({**error, "code": 429, "message": message})
    assert failure.retry_after_s == delay_s


VIOLATIONS: list[tuple[Any, str]] = [
    ([{"quotaId": "RequestsPerDayPerProject"}], "insufficient_quota"),
    ([{"quotaId": "RequestsPerMinute", "quotaValue": "0"}], "insufficient_quota"),
    ([{"quotaId": "RequestsPerMinute", "quotaValue": 0}], "insufficient_quota"),
    ([{"quotaId": "RequestsPerMinute", "quotaValue": "15"}], "rate_limit_exceeded"),
    ([{}], "rate_limit_exceeded"),
    ([None, "PerDay"], "rate_limit_exceeded"),
    ("PerDay", "rate_limit_exceeded"),
]


@pytest.mark.parametrize(("violations", "code"), VIOLATIONS)
def test_a_quota_that_will_not_come_back_today_is_told_apart(violations: Any, code: str) -> None:
    error = {"code": 429, "details": [{"violations": violations}]}
    assert in_band_error(error).code == code


SECRET_WORDS = (
    "AIzaSyA-secret_key_0123456789abcdefghi of projects/acme-internal-42 project_number:1234"
)


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 413, 418, 429, 499, 500, 502, 503, 504]
)
@pytest.mark.parametrize("form", ["json", "html", "list"])
def test_no_key_and_no_project_is_ever_repeated(status: int, form: str) -> None:
    error = {"error": {"code": status, "message": SECRET_WORDS, "status": SECRET_WORDS}}
    bodies = {
        "json": orjson.dumps(error),
        "list": orjson.dumps([error]),
        "html": f"<html>{SECRET_WORDS}</html>".encode(),
    }
    failure = http_error(status, bodies[form])
    said = f"{failure} {failure.message} {failure.param} {failure.code}"
    for word in ("AIza", "secret", "acme", "1234", "<html>"):
        assert word not in said


def test_what_is_passed_on_is_short() -> None:
    assert len(translated(Status(400, "long " * 10_000)).message) < 600


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"5", b'{"error": "text"}', b'{"error": null}', b"[5]"]
)
def test_a_body_of_any_form_leaves_the_status(body: bytes) -> None:
    assert http_error(503, body).code == "upstream_overloaded"


def test_the_status_of_http_wins_over_the_bodys() -> None:
    body = orjson.dumps({"error": {"code": "weird", "message": "x"}})
    assert http_error(503, body).status == 503
    assert http_error(404, orjson.dumps({"error": {"code": 500}})).status == 404


@pytest.mark.parametrize("error", [None, "text", [], {}, {"code": "503"}, {"code": 999}])
def test_an_error_in_a_stream_that_says_nothing_is_unreadable(error: Any) -> None:
    assert in_band_error(error).code == "upstream_invalid_response"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    st.sampled_from([400, 429, 503]),
    st.dictionaries(st.sampled_from(["message", "details", "status", "code"]), ANY_JSON),
    ANY_JSON,
)
def test_whatever_the_error_holds_it_becomes_ours(
    status: int, error: dict[str, Any], detail: Any
) -> None:
    assert isinstance(in_band_error({**error, "code": status}), ProxyError)
    nested = {**error, "details": [{"violations": detail, "reason": detail, "retryDelay": detail}]}
    assert isinstance(in_band_error({**nested, "code": status}), ProxyError)


KEY = cast("ConnectionKey", None)


@pytest.mark.parametrize(
    ("exc", "code", "status"),
    [
        (TimeoutError(), "upstream_timeout", 504),
        (aiohttp.SocketTimeoutError(), "upstream_timeout", 504),
        (aiohttp.ConnectionTimeoutError(), "upstream_unreachable", 502),
        (aiohttp.ClientConnectorError(KEY, OSError("10.0.0.7")), "upstream_unreachable", 502),
        (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "x")), "upstream_dns", 502),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "x")), "upstream_tls", 502),
        (aiohttp.ServerDisconnectedError(), "upstream_reset", 502),
        (aiohttp.ClientOSError(104, "10.0.0.7"), "upstream_reset", 502),
        (aiohttp.ClientPayloadError("private words"), "upstream_reset", 502),
        (ConnectionResetError(), "upstream_reset", 502),
    ],
)
def test_a_broken_exchange_says_how(
    exc: aiohttp.ClientError | OSError, code: str, status: int
) -> None:
    failure = connection_error(exc)
    assert (failure.code, failure.status) == (code, status)
    assert "10.0.0.7" not in failure.message
    assert "private" not in failure.message
