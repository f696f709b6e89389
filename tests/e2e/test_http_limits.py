"""The HTTP layer refuses what is too large or ambiguous, with exactly one response."""

import json
from collections.abc import Mapping

import pytest

from tests.support.raw_http import RawReply, exchange, head
from tests.support.serving import BookProxy

CHAT = "/v1/chat/completions"
MIB = 1024 * 1024


@pytest.mark.parametrize(("path", "limit"), [(CHAT, 20 * MIB), ("/v1/embeddings", 2 * MIB)])
def test_a_body_declared_too_large_is_refused_before_it_comes(
    offline_server: BookProxy, path: str, limit: int
) -> None:
    headers = {"content_type": "application/json", "content_length": str(limit + 1)}
    reply = exchange(offline_server.port, head("POST", path, **headers))
    assert reply.status == 413
    assert reply.error["code"] == "request_too_large"


def test_a_body_without_a_length_is_refused_when_it_grows_too_large(
    offline_server: BookProxy,
) -> None:
    headers = {"content_type": "application/json", "transfer_encoding": "chunked"}
    block = b"%x\r\n%b\r\n" % (64 * 1024, b" " * 64 * 1024)
    pieces = [block] * (2 * MIB // (64 * 1024) + 1)
    reply = exchange(offline_server.port, head("POST", "/v1/embeddings", **headers), *pieces)
    assert reply.status == 413


HUGE_HEADS: Mapping[str, bytes] = {
    "one header": head("GET", "/v1/models", x_big="x" * 70_000),
    "many headers": head("GET", "/v1/models", **{f"x-{i}": "" for i in range(5_000)}),
    "a long target": head("GET", f"/v1/models?{'x' * 70_000}"),
    "unfinished": head("GET", "/v1/models", x_big="x" * 70_000)[:-2],
}


@pytest.mark.parametrize("name", HUGE_HEADS)
def test_a_head_above_64_kib_is_a_431(offline_server: BookProxy, name: str) -> None:
    reply = exchange(offline_server.port, HUGE_HEADS[name])
    assert reply.status == 431
    assert reply.responses == 1
    assert reply.error["code"] == "headers_too_large"
    _check_found_in_the_log(offline_server, reply)


def test_a_large_head_below_the_limit_is_fine(offline_server: BookProxy) -> None:
    request = head("GET", "/v1/models", x_big="x" * 50_000)
    assert exchange(offline_server.port, request).status == 200
    halves = (request[:30_000], request[30_000:])
    assert exchange(offline_server.port, *halves).status == 200


def test_a_large_body_counts_as_no_head(offline_server: BookProxy) -> None:
    body = json.dumps(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "x " * 100_000}]}
    ).encode()
    headers = {"content_type": "application/json", "content_length": str(len(body))}
    assert exchange(offline_server.port, head("POST", CHAT, **headers), body).status == 200


AMBIGUOUS: Mapping[str, bytes] = {
    "two hosts": b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n\r\n",
    "length and chunks": (
        b"POST /v1/embeddings HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n"
    ),
    "bare LF": b"GET /health HTTP/1.1\nhost: 127.0.0.1\n\n",
    "folded header": b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\r\n b\r\n\r\n",
    "space before the colon": b"GET /health HTTP/1.1\r\nhost : 127.0.0.1\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
    "negative length": head("POST", CHAT, content_length="-1"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_request_is_a_400_and_ends_the_connection(
    offline_server: BookProxy, name: str
) -> None:
    reply = exchange(offline_server.port, AMBIGUOUS[name])
    assert reply.status == 400
    assert reply.responses == 1
    assert reply.error["code"] == "invalid_http"
    _check_found_in_the_log(offline_server, reply)


def _check_found_in_the_log(server: BookProxy, reply: RawReply) -> None:
    lines = reply.data.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    (request_id,) = (line.split(": ")[1] for line in lines if line.startswith("x-request-id: "))
    assert request_id in server.stderr


def test_a_body_cut_off_by_the_client_harms_nobody(offline_server: BookProxy) -> None:
    headers = {"content_type": "application/json", "content_length": "500"}
    exchange(offline_server.port, head("POST", CHAT, **headers), b'{"model": ', hang_up=True)
    assert exchange(offline_server.port, head("GET", "/health")).status == 200


def test_a_body_can_wait_for_a_go_ahead(offline_server: BookProxy) -> None:
    body = b'{"model": "text-embedding-3-small", "input": "a pump"}'
    headers = {
        "content_type": "application/json",
        "content_length": str(len(body)),
        "expect": "100-continue",
    }
    reply = exchange(offline_server.port, head("POST", "/v1/embeddings", **headers), body)
    assert reply.status == 100
    assert b"HTTP/1.1 200 OK" in reply.data
