"""Only pages of listed origins may read answers; errors have the same headers."""

from collections.abc import Generator

import httpx
import pytest

from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

GOOD = "https://book.example"
CORS_HEADERS = {"access-control-allow-origin", "access-control-expose-headers"}
ALLOW_ORIGIN = "access-control-allow-origin"


@pytest.fixture(scope="module")
def http() -> Generator[httpx.Client]:
    """A client of a server with one allowed origin."""
    env = {"ALLOWED_ORIGINS": GOOD, "PROXY_API_KEYS": "key"}
    with (
        BookProxy(env) as server,
        httpx.Client(base_url=server.url, timeout=LONG_ENOUGH_S) as client,
    ):
        yield client


def _preflight(http: httpx.Client, origin: str, method: str = "POST") -> httpx.Response:
    return http.options(
        "/v1/chat/completions",
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,x-rag-books",
        },
    )


def test_the_preflight_of_a_listed_origin_is_answered_exactly(http: httpx.Client) -> None:
    reply = _preflight(http, GOOD)
    assert reply.status_code == 200
    assert reply.headers[ALLOW_ORIGIN] == GOOD
    assert "Origin" in reply.headers["vary"]
    assert "authorization" in reply.headers["access-control-allow-headers"]
    assert set(reply.headers["access-control-allow-methods"].split(", ")) >= {"GET", "POST"}
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://book.example",
        "https://book.example.evil.example",
        "https://sub.book.example",
        "https://book.example:8443",
        "null",
        "",
    ],
)
def test_any_other_origin_gets_no_permission(http: httpx.Client, origin: str) -> None:
    assert ALLOW_ORIGIN not in _preflight(http, origin).headers
    simple = http.get("/v1/models", headers={"origin": origin, "authorization": "Bearer key"})
    assert ALLOW_ORIGIN not in simple.headers


def test_an_unlisted_method_gets_no_permission(http: httpx.Client) -> None:
    assert _preflight(http, GOOD, "PATCH").status_code == 400


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("/v1/models", "key", 200), ("/v1/models", "wrong", 401), ("/v1/nothing", "key", 404)],
)
def test_answers_and_errors_can_be_read_by_a_listed_page(
    http: httpx.Client, path: str, key: str, status: int
) -> None:
    reply = http.get(path, headers={"origin": GOOD, "authorization": f"Bearer {key}"})
    assert reply.status_code == status
    assert reply.headers[ALLOW_ORIGIN] == GOOD
    assert reply.headers["vary"] == "Origin"
    exposed = reply.headers["access-control-expose-headers"].split(", ")
    assert {"x-request-id", "x-rag-status", "retry-after", "x-should-retry"} <= set(exposed)
    always_readable = {"content-length", "content-type", "cache-control"}
    ours = set(reply.headers) - CORS_HEADERS - always_readable
    assert ours <= {*exposed, "date", "vary", "x-content-type-options"}
