"""Data within a request: data URLs, base64 in every spelling."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.inline_data import is_data_url, read_inline
from proxy.errors import InvalidRequest

DATA = bytes(range(250, 256)) * 3 + b"\xff"
"""Its base64 has `+`, `/` and `=`."""
ENCODED = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        f"data:image/png;base64,{ENCODED}",
        f"DATA:image/PNG;charset=utf-8;base64,{ENCODED}",
        f"data:image/png;base64,{ENCODED.rstrip('=')}",
        f"data:image/png;base64,{base64.urlsafe_b64encode(DATA).decode()}",
        f"data:image/png;base64,{ENCODED[:7]}\r\n {ENCODED[7:]}\n",
        "data:image/png," + "".join(f"%{byte:02x}" for byte in DATA),
    ],
)
def test_every_spelling_of_the_same_bytes(text: str) -> None:
    found = read_inline(text, "here", "invalid_value")
    assert found.data == DATA
    assert found.base64 == ENCODED
    assert found.declared_type == ("image/png" if is_data_url(text) else None)


@pytest.mark.parametrize(
    "text", ["", "data:image/png;base64,", "data:;base64,====", "not base64!", "größe", "abcde"]
)
def test_what_is_no_data_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_inline(text, "messages[0].content[1].image_url.url", "invalid_image_url")
    assert refused.value.param == "messages[0].content[1].image_url.url"
    assert refused.value.code == "invalid_image_url"


@given(st.binary(min_size=1))
def test_bytes_come_through_whatever_the_alphabet(data: bytes) -> None:
    for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data).rstrip(b"=")):
        found = read_inline(encoded.decode(), "here", "invalid_value")
        assert found.data == data
        assert base64.b64decode(found.base64, validate=True) == data
