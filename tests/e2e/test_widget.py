"""The widget's parts over HTTP: any page may load them, they are kept, and no answer is."""

from collections.abc import Generator

import httpx
import pytest

from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

SITE, OTHER = "https://book.example", "https://evil.example"


@pytest.fixture(scope="module")
def http() -> Generator[httpx.Client]:
    """A client of a server with one allowed origin."""
    env = {"ALLOWED_ORIGINS": SITE, "PROXY_API_KEYS": "key", "PROXY_ALLOW_ANONYMOUS": "true"}
    with (
        BookProxy(env) as server,
        httpx.Client(base_url=server.url, timeout=LONG_ENOUGH_S) as client,
    ):
        yield client


def _linked(http: httpx.Client) -> str:
    return "/" + http.get("/widget.js").text.split('"./')[1].split('"')[0]


@pytest.mark.parametrize("origin", [SITE, OTHER])
def test_a_page_of_any_origin_may_load_the_module(http: httpx.Client, origin: str) -> None:
    for path in ("/widget.js", _linked(http), "/web/tokens.css"):
        reply = http.get(path, headers={"origin": origin})
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] in {"*", origin}
        assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_but_only_a_listed_one_hears_an_answer(http: httpx.Client) -> None:
    heard = http.get("/api/chat/config", headers={"origin": OTHER})
    assert "access-control-allow-origin" not in heard.headers


def test_the_tag_is_asked_for_anew_and_what_it_names_is_kept_for_ever(http: httpx.Client) -> None:
    tag, linked = http.get("/widget.js"), http.get(_linked(http))
    assert tag.headers["cache-control"] == "no-cache"
    assert "immutable" in linked.headers["cache-control"]
    again = http.get("/widget.js", headers={"if-none-match": tag.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_parts_come_compressed_to_those_who_can_read_it(http: httpx.Client) -> None:
    path = _linked(http)
    packed = http.get(path, headers={"accept-encoding": "gzip, br"})
    plain = http.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert "Accept-Encoding" in packed.headers["vary"]
