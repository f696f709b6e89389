"""A body that is all structure is refused unread; a large one that is all content is not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.embeddings import EmbeddingsRequest
from proxy.protocol.parsing import parse
from proxy.protocol.structure import CHECKED_FROM_BYTES, is_overgrown

SIZE = 4 * CHECKED_FROM_BYTES
CHAT = b'{"model":"m","messages":[{"role":"user","content":"x"}],'


def full_of(piece: bytes) -> bytes:
    return piece * (SIZE // len(piece))


def keys(count: int) -> bytes:
    return b",".join(b'"key %d":1' % i for i in range(count))


OVERGROWN = {
    "parts whose type is escaped": b'{"model":"m","messages":[{"role":"user","content":['
    + full_of(b'{"\\u0074ype":"text","text":""},')
    + b"{}]}]}",
    "numbers in a key nobody knows": CHAT + b'"x":[' + full_of(b"1,") + b"1]}",
    "objects in a key nobody knows": CHAT + b'"x":[' + full_of(b"{},") + b"{}]}",
    "nested objects": CHAT + b'"x":[' + full_of(b'{"a":{"a":{}}},') + b"{}]}",
    "strings": CHAT + b'"x":[' + full_of(b'"",') + b'""]}',
    "strings that end in a backslash": CHAT + b'"x":[' + full_of(b'"\\\\",') + b'""]}',
    "keys nobody knows": CHAT + keys(200_000) + b"}",
    "parameters of a tool": CHAT
    + b'"tools":[{"type":"function","function":{"name":"f","parameters":{"x":['
    + full_of(b"{},")
    + b"{}]}}}]}",
}


@pytest.mark.parametrize("name", OVERGROWN)
def test_a_body_of_too_many_parts_is_refused_before_it_is_parsed(name: str) -> None:
    body = OVERGROWN[name]
    assert is_overgrown(body)
    with pytest.raises(InvalidRequest) as refused:
        parse(ChatCompletionRequest, body)
    assert refused.value.code == "array_above_max_length"
    assert refused.value.__context__ is None


def chat_saying(text: str) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return json.dumps(body, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    ["data:image/png;base64," + "QUJD" * 900_000, '{"a": [1, "b"]}, ' * 200_000, "{:,\\" * 800_000],
    ids=["base64", "JSON within JSON", "marks and backslashes"],
)
def test_what_stands_in_a_text_is_no_structure(text: str) -> None:
    body = chat_saying(text)
    assert not is_overgrown(body)
    request = parse(ChatCompletionRequest, body)
    assert request.messages[0].content == text


@settings(max_examples=20)
@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
def test_no_text_is_overgrown_however_long(text: str) -> None:
    assert not is_overgrown(json.dumps({"a": text * (CHECKED_FROM_BYTES // len(text))}).encode())


@pytest.mark.parametrize("text", ['"' * 3, '\\"' * 700_000, "\\"])
def test_a_string_that_never_ends_is_read_once(text: str) -> None:
    body = b"[" + b'"a",' * 290_000 + b'"' + text.encode() + b"{:," * 500_000
    assert is_overgrown(body) == (text == '"' * 3)


def test_a_full_request_for_embeddings_is_not_overgrown() -> None:
    tokens = [[12_345] * 146] * 2_048
    body = json.dumps({"model": "text-embedding-3-small", "input": tokens}).encode()
    assert len(body) > CHECKED_FROM_BYTES
    assert parse(EmbeddingsRequest, body).token_lists == tokens
