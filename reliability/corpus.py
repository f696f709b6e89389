"""Requests that broke other servers: bodies of JSON, and bytes that are hardly HTTP."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.raw_http import head

PATHS = (
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/api/chat",
    "/chatkit",
    "/v1/vector_stores",
    "/v1/vector_stores/notes/search",
)
_MB = 1024 * 1024
_WELL: Mapping[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "gpt-4o", "messages": [{"role": "user", "content": "§"}]},
    "/v1/responses": {"model": "gpt-4o", "input": "§"},
    "/v1/embeddings": {"model": "text-embedding-3-small", "input": "§"},
    "/api/chat": {"message": "§"},
    "/chatkit": {"type": "threads.list", "params": {"after": "§"}},
    "/v1/vector_stores": {"name": "§"},
    "/v1/vector_stores/notes/search": {"query": "§"},
}


def _text(inside: str) -> Callable[[str], bytes]:
    """Return a good body whose text is `inside`, written as JSON already."""
    return lambda path: json.dumps(_WELL[path]).replace('"\\u00a7"', inside).encode("utf-8")


def _raw(data: bytes) -> Callable[[str], bytes]:
    return lambda _path: data


def _field(name: str, value: str) -> Callable[[str], bytes]:
    return lambda path: (json.dumps(_WELL[path])[:-1] + f', "{name}": {value}}}').encode()


def _messages(count: int, message: str) -> Callable[[str], bytes]:
    many = ",".join([message] * count)
    return lambda path: (
        json.dumps({**_WELL[path], "messages": "§§"}).replace('"\\u00a7\\u00a7"', f"[{many}]")
    ).encode()


BODIES: Mapping[str, Callable[[str], bytes]] = {
    "well formed": _text('"a pump"'),
    "nothing": _raw(b""),
    "no object": _raw(b"[]"),
    "null": _raw(b"null"),
    "half": _raw(b'{"model": "gpt-4o", "messages": [{"ro'),
    "depth 200": _field("metadata", "[" * 200 + "]" * 200),
    "depth 900": _field("metadata", "[" * 900 + "]" * 900),
    "depth 100,000": _raw(b"[" * 100_000 + b"]" * 100_000),
    "depth 100,000 of objects": _raw(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "a million numbers": _field("metadata", "[" + "1," * 999_999 + "1]"),
    "4,000 digits": _field("seed", "9" * 4_000),
    "5,000 digits": _field("seed", "9" * 5_000),
    "1e999": _field("temperature", "1e999"),
    "NaN": _field("temperature", "NaN"),
    "Infinity": _field("top_p", "-Infinity"),
    "keys twice": _field("model", '"gpt-4o-mini"'),
    "a million keys": _raw(("{" + ",".join(f'"k{i}":1' for i in range(100_000)) + "}").encode()),
    "lone surrogate": _text('"\\ud800 alone"'),
    "lone surrogate as a key": _field("\\udfff", "1"),
    "U+0000": _text('"a\\u0000b"'),
    "bidi and zero width": _text('"\\u202e\\u200b\\ufeff"'),
    "not UTF-8": lambda path: json.dumps(_WELL[path]).replace("\\u00a7", "¬").encode("latin-1"),
    "UTF-16": lambda path: json.dumps(_WELL[path]).encode("utf-16"),
    "a byte order mark": lambda path: b"\xef\xbb\xbf" + json.dumps(_WELL[path]).encode(),
    "100,000 messages": _messages(100_000, '{"role":"user","content":"a"}'),
    "20,000 bad messages": _messages(20_000, '{"role":"nobody","content":1}'),
    "5,000 bad parts": _text("[" + ",".join(['{"type":"x","y":[1]}'] * 5_000) + "]"),
    "2 MB of the wrong type": _text("[" + "1," * (_MB - 1) + "1]"),
    "one text of 19 MB": _text('"' + "a" * 19 * _MB + '"'),
    "one word of 200 kB": _text('"' + "a" * 200_000 + '"'),
    "brackets": _text('"' + "[(" * 100_000 + '"'),
    "n of a billion": _field("n", "1000000000"),
    "n below zero": _field("n", "-1"),
    "max_tokens of 10^30": _field("max_tokens", "1" + "0" * 30),
    "a million stops": _field("stop", "[" + ",".join(['"a"'] * 100_000) + "]"),
    "logit_bias of everything": _field(
        "logit_bias", "{" + ",".join(f'"{i}":1' for i in range(50_000)) + "}"
    ),
    "an image that is a bomb": _text(
        '[{"type":"image_url","image_url":{"url":"data:image/png;base64,' + "A" * _MB + '"}}]'
    ),
    "an address inside": _text(
        '[{"type":"image_url","image_url":{"url":"http://169.254.169.254/latest/meta-data"}}]'
    ),
    "a schema that contains itself": _field(
        "response_format",
        '{"type":"json_schema","json_schema":{"name":"a","schema":'
        '{"$defs":{"a":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}}}',
    ),
}

_CHAT = "/v1/chat/completions"
_JSON = {"content_type": "application/json"}
RAW: Mapping[str, tuple[bytes, ...]] = {
    "length and chunks": (
        head("POST", _CHAT, **_JSON, content_length="4", transfer_encoding="chunked"),
        b"0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    "two lengths": (
        (
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n"
            b"content-length: 40\r\n\r\n{}"
        ),
    ),
    "two hosts": (b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil\r\n\r\n",),
    "line feeds alone": (b"GET /v1/models HTTP/1.1\nhost: 127.0.0.1\n\n",),
    "a folded header": (b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\r\n b\r\n\r\n",),
    "a space before the colon": (
        b"POST /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length : 5\r\n\r\nhello",
    ),
    "a chunk size that overflows": (
        head("POST", _CHAT, **_JSON, transfer_encoding="chunked"),
        b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    ),
    "a chunk extension of 3 MB": (
        head("POST", _CHAT, **_JSON, transfer_encoding="chunked"),
        b"2;" + b"a" * 3 * _MB + b"\r\n{}\r\n0\r\n\r\n",
    ),
    "chunked twice": (
        head("POST", _CHAT, **_JSON, transfer_encoding="chunked, chunked"),
        b"0\r\n\r\n",
    ),
    "a method nobody knows": (b"BREW /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",),
    "a host that moves the path": (b"GET /v1/models HTTP/1.1\r\nhost: a/health?x#\r\n\r\n",),
    "HTTP/2 without asking": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),),
    "no request at all": (b"\x00" * 1_000 + b"\r\n\r\n",),
    "gzip": (
        head("POST", _CHAT, **_JSON, content_encoding="gzip", content_length="4"),
        b"\x1f\x8b\x08\x00",
    ),
    "5,000 headers": (head("GET", "/v1/models", **{f"x-{i}": "y" for i in range(5_000)}),),
    "a header of 200 kB": (head("GET", "/v1/models", x_big="x" * 200_000),),
    "a path of 60 kB": (head("GET", "/v1/" + "x" * 60_000),),
    "a path that climbs": (head("GET", "/v1/sources/..%2f..%2f..%2fetc%2fpasswd"),),
    "a NUL in the path": (head("GET", "/v1/sources/%00"),),
    "a lone surrogate in the path": (head("GET", "/v1/models/%ed%a0%80"),),
    "a lone surrogate in the query": (head("GET", "/api/content/search?q=%ed%a0%80&top_k=x"),),
}

SLOW_OPENINGS: tuple[bytes, ...] = (
    b"",
    b"GET /v1/models HT",
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-le",
    (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    ),
)
"""Of requests that never arrive."""
