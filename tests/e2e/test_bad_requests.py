"""Whatever is sent, the answer is OpenAI's envelope with the right status and the right `param`."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import httpx
import pytest

from tests.support.gemini_replies import Text
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

CHAT = "/v1/chat/completions"
HELLO = [{"role": "user", "content": "hello"}]
MAX_REPLY_BYTES = 4_096


@pytest.fixture(scope="module")
def http(offline_server: BookProxy) -> Generator[httpx.Client]:
    """A plain client of the offline server."""
    with httpx.Client(base_url=offline_server.url, timeout=LONG_ENOUGH_S) as client:
        yield client


def _check(reply: httpx.Response, status: int, param: str | None = None) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    error: dict[str, Any] = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["type"] == "invalid_request_error"
    assert error["code"]
    assert error["param"] == param
    assert reply.headers["x-request-id"]
    assert len(reply.content) < MAX_REPLY_BYTES
    assert "Traceback" not in reply.text
    return error


NOT_JSON: Mapping[str, bytes] = {
    "empty": b"",
    "cut off": b'{"model": "gpt-4o", "messages": [',
    "words": b"hello",
    "deep": b"[" * 100_000,
    "deep but closed": b'{"messages":' + b"[" * 900 + b"]" * 900 + b"}",
    "lone surrogate": b'{"model":"gpt-4o","messages":[{"role":"user","content":"\\ud800"}]}',
    "no UTF-8": b'{"model":"gpt-4o\xff"}',
    "UTF-16": '{"model":"gpt-4o"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"model":"gpt-4o"}',
}


@pytest.mark.parametrize("name", NOT_JSON)
@pytest.mark.parametrize("path", [CHAT, "/v1/embeddings"])
def test_what_is_not_json_is_a_400(http: httpx.Client, path: str, name: str) -> None:
    headers = {"content-type": "application/json"}
    _check(http.post(path, content=NOT_JSON[name], headers=headers), 400)


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true"])
def test_what_is_no_object_is_a_400(http: httpx.Client, body: str) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    _check(http.post(CHAT, content=body, headers=headers), 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000])
def test_what_is_no_number_in_json_is_a_400(http: httpx.Client, number: str) -> None:
    body = f'{{"model": "gpt-4o", "messages": [], "temperature": {number}}}'
    headers = {"content-type": "application/json"}
    reply = http.post(CHAT, content=body, headers=headers)
    assert reply.status_code == 400
    assert len(reply.content) < MAX_REPLY_BYTES


BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, "model"),
    ({"model": 5}, "model"),
    ({"model": ""}, "model"),
    ({"model": "x" * 513}, "model"),
    ({"messages": None}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": [[]]}, "messages[0]"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [*HELLO, {"role": "user", "content": 5}]}, "messages[1].content"),
    ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
    (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]},
        "messages[0].content[0].text",
    ),
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"top_p": -1}, "top_p"),
    ({"top_k": 0}, "top_k"),
    ({"topK": 0}, "topK"),
    ({"n": 0}, "n"),
    ({"n": 1_000_000}, "n"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": 10**30}, "max_completion_tokens"),
    ({"seed": 10**40}, "seed"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stream": "perhaps"}, "stream"),
    ({"stream_options": []}, "stream_options"),
    ({"reasoning_effort": "enormous"}, "reasoning_effort"),
    ({"metadata": {"a": 1}}, "metadata.a"),
    ({"rag": []}, "rag"),
    ({"rag": {"top_k": 0}}, "rag.top_k"),
    ({"rag": {"top_k": "many"}}, "rag.top_k"),
    ({"rag": {"books": []}}, "rag.books"),
    ({"rag": {"books": ["nowhere"]}}, "rag.books"),
    ({"rag": {"nonsense": 1}}, "rag.nonsense"),
    ({"extra_body": {"rag": {"min_score": 7}}}, "rag.min_score"),
    ({"metadata": {"rag_top_k": "0"}}, "rag.top_k"),
]


@pytest.mark.parametrize(("fields", "param"), BAD_FIELDS, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_wrong_field_is_a_400_that_names_it(
    http: httpx.Client, fields: dict[str, Any], param: str, *, stream: bool
) -> None:
    body = {"model": "gpt-4o", "messages": HELLO, "stream": stream, **fields}
    _check(http.post(CHAT, json=body), 400, param)


@pytest.mark.parametrize(
    ("header", "value", "param"),
    [
        ("x-rag-top-k", "0", "rag.top_k"),
        ("x-rag-enabled", "perhaps", "rag.enabled"),
        ("x-rag-nonsense", "1", "rag.nonsense"),
    ],
)
def test_a_wrong_header_is_a_400_that_names_the_option(
    http: httpx.Client, header: str, value: str, param: str
) -> None:
    body = {"model": "gpt-4o", "messages": HELLO}
    _check(http.post(CHAT, json=body, headers={header: value}), 400, param)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_declared_as_json_is_a_415(
    http: httpx.Client, content_type: str
) -> None:
    body = json.dumps({"model": "gpt-4o", "messages": HELLO}).encode()
    _check(http.post(CHAT, content=body, headers={"content-type": content_type}), 415)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip"])
def test_a_compressed_body_is_a_415(http: httpx.Client, encoding: str) -> None:
    headers = {"content-type": "application/json", "content-encoding": encoding}
    _check(http.post(CHAT, content=b"\x1f\x8b", headers=headers), 415)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST"),
        ("DELETE", CHAT, "POST"),
        ("PUT", "/v1/embeddings", "POST"),
        ("POST", "/v1/models", "GET"),
        ("TRACE", "/v1/models", "GET"),
    ],
)
def test_a_wrong_method_is_a_405_that_names_the_right_one(
    http: httpx.Client, method: str, path: str, allowed: str
) -> None:
    reply = http.request(method, path)
    _check(reply, 405)
    assert allowed in reply.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/chat/completions/", "/nothing", "/v1//models", "/web/../app.py"]
)
def test_an_unknown_url_is_a_404(http: httpx.Client, path: str) -> None:
    assert _check(http.post(path, json={}), 404)["code"] == "unknown_url"


def test_an_unknown_part_of_the_page_is_a_404(http: httpx.Client) -> None:
    _check(http.get("/web/..%2fapp.py"), 404)
    _check(http.get("/web/passwd"), 404)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "a b"])
def test_another_host_than_this_machine_is_refused(http: httpx.Client, host: str) -> None:
    reply = http.get("/v1/models", headers={"host": host})
    assert _check(reply, 403)["code"] == "forbidden_origin"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost.evil.example", "http://["]
)
def test_another_pages_origin_is_refused(http: httpx.Client, origin: str) -> None:
    body = {"model": "gpt-4o", "messages": HELLO}
    reply = http.post(CHAT, json=body, headers={"origin": origin})
    assert _check(reply, 403)["code"] == "forbidden_origin"
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8000", "LOCALHOST"])
def test_every_name_of_this_machine_is_fine(http: httpx.Client, host: str) -> None:
    assert http.get("/v1/models", headers={"host": host}).status_code == 200


def test_absurd_sizes_are_answered_briefly(http: httpx.Client) -> None:
    bodies: list[tuple[Any, int]] = [
        ({"messages": HELLO * 100_000}, 400),
        ({"messages": [{"role": "x"}] * 20_000}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "x"}] * 5_000}]}, 400),
        ({"messages": {"x": "y" * 2_000_000}}, 400),
        ({"stop": ["x"] * 100_000}, 400),
        ({"logit_bias": {str(i): 1 for i in range(100_000)}, "temperature": 9}, 400),
    ]
    for fields, status in bodies:
        data = json.dumps({"model": "gpt-4o", "messages": HELLO, **fields})
        reply = http.post(CHAT, content=data, headers={"content-type": "application/json"})
        assert reply.status_code == status, reply.text
        assert len(reply.content) < MAX_REPLY_BYTES


def test_names_of_ignored_parameters_cannot_make_headers(http: httpx.Client) -> None:
    odd = {"a\r\nset-cookie: x=1": 1, "nul\u0000": 1, "ünï": 1, "x" * 10_000: 1}
    reply = http.post(CHAT, json={"model": "gpt-4o", "messages": HELLO, **odd})
    assert reply.status_code == 200
    assert "set-cookie" not in reply.headers
    assert reply.headers["x-ignored-params"].startswith("a??set-cookie:?x=1")


@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("gemini-3.8-flash", ["min_p", "presence_penalty", "temperature"]),
        ("gemini-2.5-flash", ["min_p", "presence_penalty"]),
        ("gemini-2.0-flash", ["min_p"]),
    ],
)
def test_a_parameter_is_named_where_the_model_ignores_it(
    gemini_server: BookProxy, threaded_gemini: FakeGemini, model: str, named: list[str], path: str
) -> None:
    fields: dict[str, Any] = {"temperature": 0.5, "min_p": 0.1}
    if path == "/responses":
        fields |= {"input": "Hello."}
        named = [name for name in named if "penalty" not in name]
    else:
        fields |= {"messages": HELLO, "presence_penalty": 0.5, "frequency_penalty": 0}
    threaded_gemini.reply(Text("So."))
    reply = httpx.post(
        f"{gemini_server.v1}{path}", json={"model": model, **fields}, timeout=LONG_ENOUGH_S
    )
    assert reply.headers["x-ignored-params"] == ",".join(named)


def test_a_model_name_cannot_make_headers(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    body = {"model": "gemini-3.8-flash\n", "messages": HELLO}
    reply = httpx.post(f"{gemini_server.v1}/chat/completions", json=body, timeout=LONG_ENOUGH_S)
    assert reply.status_code == 404
    assert threaded_gemini.generating_requests == []


@pytest.mark.parametrize(
    ("query", "param"),
    [({}, "q"), ({"q": ""}, "q"), ({"q": "x", "top_k": "0"}, "top_k"), ({"q": "x" * 8001}, "q")],
)
def test_a_wrong_query_is_a_400_that_names_it(
    http: httpx.Client, query: dict[str, str], param: str
) -> None:
    _check(http.get("/api/content/search", params=query), 400, param)


def test_searching_an_unknown_book_is_a_404(http: httpx.Client) -> None:
    _check(http.get("/api/content/search", params={"q": "x", "book": "nowhere"}), 404, "book")
