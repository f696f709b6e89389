"""Who may do what, once keys are configured; and that no route forgets to ask."""

from collections.abc import Generator, Mapping

import httpx
import openai
import pytest
from fastapi.routing import iter_route_contexts

from proxy.api.hot_path import ENDPOINTS
from proxy.app import create_app
from proxy.settings import load_settings
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

KEY, OTHER = "reader-key-one", "schlüssel-zwei"
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}

OPEN_ROUTES = {
    "GET /",
    "HEAD /",
    "GET /admin",
    "HEAD /admin",
    "GET /web/{path:path}",
    "GET /widget.js",
    "GET /health",
    "HEAD /health",
    "GET /ready",
    "GET /api/health",
    "GET /api/health/db",
    "GET /api/health/qdrant",
    "GET /docs",
    "HEAD /docs",
    "GET /docs/oauth2-redirect",
    "HEAD /docs/oauth2-redirect",
    "GET /openapi.json",
    "HEAD /openapi.json",
}
"""What anybody may fetch; everything else needs a credential."""


@pytest.fixture(scope="module")
def guarded() -> Generator[BookProxy]:
    """A server with keys, as it would be on a network."""
    with BookProxy({"PROXY_API_KEYS": f"{KEY}, {OTHER}"}) as server:
        yield server


def _routes() -> Mapping[str, str]:
    """Return the path of every method and route there is, by "METHOD /template"."""
    app = create_app(load_settings({}, None))
    found: dict[str, str] = {}
    for route in iter_route_contexts(app.routes):
        assert route.path, f"what is {route}?"
        path = route.path.replace("{model_id:path}", "gpt-4o").replace("{chunk_id}", "x")
        for method in route.methods or ():
            found[f"{method} {route.path}"] = path.replace("{path:path}", "tokens.css")
    return found


def test_every_route_needs_a_credential_unless_it_is_listed(guarded: BookProxy) -> None:
    routes = _routes()
    assert routes.keys() >= OPEN_ROUTES
    assert {f"POST {path}" for path in ENDPOINTS} <= routes.keys() - OPEN_ROUTES
    unguarded: set[str] = set()
    with httpx.Client(base_url=guarded.url, timeout=LONG_ENOUGH_S) as http:
        for name, path in routes.items():
            reply = http.request(name.split()[0], path, headers={"authorization": "Bearer no"})
            if reply.status_code != 401:
                unguarded.add(name)
    assert unguarded == OPEN_ROUTES


REFUSED: Mapping[str, list[tuple[str, str]]] = {
    "nothing": [],
    "an empty bearer": [("authorization", "Bearer")],
    "garbage": [("authorization", "Bearer garbage")],
    "another scheme": [("authorization", f"Basic {KEY}")],
    "no scheme": [("authorization", KEY)],
    "a prefix of a key": [("authorization", f"Bearer {KEY[:-1]}")],
    "more than a key": [("authorization", f"Bearer {KEY}x")],
    "another case": [("authorization", f"Bearer {KEY.upper()}")],
    "both keys as one": [("authorization", f"Bearer {KEY},{OTHER}")],
    "a very long one": [("authorization", f"Bearer {'x' * 50_000}")],
    "a cookie": [("cookie", f"authorization={KEY}")],
    "OpenAI's organization": [("openai-organization", KEY)],
    "a wrong x-api-key": [("x-api-key", "garbage")],
}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_credential_is_a_401_whatever_else_is_wrong(
    guarded: BookProxy, name: str, path: str
) -> None:
    headers = [(k.encode(), v.encode()) for k, v in REFUSED[name]]
    reply = httpx.post(f"{guarded.url}{path}", content=b"{", headers=headers, timeout=LONG_ENOUGH_S)
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "invalid_api_key"
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["x-request-id"]


def test_a_key_in_the_query_is_none(guarded: BookProxy) -> None:
    assert (
        httpx.get(f"{guarded.v1}/models?key={KEY}&api_key={KEY}", timeout=LONG_ENOUGH_S).status_code
        == 401
    )


@pytest.mark.parametrize("key", [KEY, OTHER])
@pytest.mark.parametrize(
    "carrier", ["authorization: Bearer {}", "authorization: bearer  {}", "x-api-key: {}"]
)
def test_each_key_is_accepted_from_each_carrier(guarded: BookProxy, key: str, carrier: str) -> None:
    name, _, value = carrier.format(key).partition(": ")
    headers = [(name.encode(), value.encode())]
    reply = httpx.post(
        f"{guarded.v1}/chat/completions", json=CHAT, headers=headers, timeout=LONG_ENOUGH_S
    )
    assert reply.status_code == 200


def test_the_same_key_twice_is_one_and_two_different_ones_are_a_400(guarded: BookProxy) -> None:
    url = f"{guarded.v1}/models"
    same = {"authorization": f"Bearer {KEY}", "x-api-key": KEY}
    assert httpx.get(url, headers=same, timeout=LONG_ENOUGH_S).status_code == 200
    for second in (OTHER.encode(), b"garbage"):
        different = [(b"authorization", f"Bearer {KEY}".encode()), (b"x-api-key", second)]
        reply = httpx.get(url, headers=different, timeout=LONG_ENOUGH_S)
        assert reply.status_code == 400
        assert reply.json()["error"]["code"] == "conflicting_credentials"
    twice = [(b"authorization", b"Bearer garbage"), (b"authorization", f"Bearer {KEY}".encode())]
    assert httpx.get(url, headers=twice, timeout=LONG_ENOUGH_S).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/api/content/books", {}),
        ("GET", "/api/content/search", {"q": "pump"}),
        ("POST", "/api/content/refresh", {}),
    ],
)
def test_a_reader_may_not_do_what_is_an_authors(
    guarded: BookProxy, method: str, path: str, params: dict[str, str]
) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    reply = httpx.request(
        method, f"{guarded.url}{path}", params=params, headers=headers, timeout=LONG_ENOUGH_S
    )
    assert reply.status_code == 403
    assert reply.json()["error"]["code"] == "permission_denied"


def test_the_openai_client_raises_what_it_should(guarded: BookProxy) -> None:
    with openai.OpenAI(base_url=guarded.v1, api_key="garbage") as client:
        with pytest.raises(openai.AuthenticationError):
            client.models.list()
        assert client.with_options(api_key=KEY).models.list().data


def test_with_keys_any_host_and_origin_may_ask_but_only_listed_pages_may_read(
    guarded: BookProxy,
) -> None:
    headers = {"authorization": f"Bearer {KEY}", "host": "books.example"}
    reply = httpx.get(
        f"{guarded.v1}/models",
        headers={**headers, "origin": "https://evil.example"},
        timeout=LONG_ENOUGH_S,
    )
    assert reply.status_code == 200
    assert "access-control-allow-origin" not in reply.headers


def test_anonymous_callers_are_readers_where_they_are_allowed(offline_server: BookProxy) -> None:
    with BookProxy({"PROXY_ALLOW_ANONYMOUS": "true", "PROXY_API_KEYS": KEY}) as server:
        assert (
            httpx.get(
                f"{server.v1}/models", headers={"host": "x.example"}, timeout=LONG_ENOUGH_S
            ).status_code
            == 200
        )
        assert (
            httpx.get(f"{server.url}/api/content/books", timeout=LONG_ENOUGH_S).status_code == 403
        )
        wrong = {"authorization": "Bearer garbage"}
        assert (
            httpx.get(f"{server.v1}/models", headers=wrong, timeout=LONG_ENOUGH_S).status_code
            == 401
        )
    # Without any auth, on loopback, whoever asks is the admin, whatever key is sent.
    wrong = {"authorization": "Bearer garbage", "x-api-key": "other"}
    assert (
        httpx.get(
            f"{offline_server.url}/api/content/books", headers=wrong, timeout=LONG_ENOUGH_S
        ).status_code
        == 200
    )
