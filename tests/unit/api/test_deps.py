"""Reading a JSON body within limits of size, time and form."""

import pytest

from proxy.api.deps import json_body
from proxy.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from tests.support.asgi import json_request


def body(data: bytes, *, more: bool = False) -> dict[str, object]:
    return {"type": "http.request", "body": data, "more_body": more}


async def test_a_body_may_come_in_pieces() -> None:
    request = json_request(body(b'{"a":', more=True), body(b"", more=True), body(b"1}"))
    assert await json_body(request) == b'{"a":1}'


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    assert await json_body(json_request(body(b"12345")), 5) == b"12345"


async def test_a_longer_body_is_refused_by_what_it_says_and_by_what_it_is() -> None:
    declared = json_request(headers=[("content-length", "6")])
    with pytest.raises(PayloadTooLarge):
        await json_body(declared, 5)
    lying = json_request(body(b"123456"), headers=[("content-length", "3")])
    with pytest.raises(PayloadTooLarge):
        await json_body(lying, 5)


async def test_a_length_that_is_no_number_decides_nothing() -> None:
    odd = json_request(body(b"{}"), headers=[("content-length", "²")])
    assert await json_body(odd) == b"{}"


async def test_a_client_that_leaves_while_sending_is_no_defect_of_ours() -> None:
    request = json_request(body(b"{", more=True), {"type": "http.disconnect"})
    with pytest.raises(InvalidRequest) as gone:
        await json_body(request)
    assert gone.value.code == "client_disconnected"


@pytest.mark.parametrize(
    "headers", [[("content-encoding", "gzip")], [("content-encoding", "identity, br")]]
)
async def test_compressed_bodies_are_refused_unread(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnsupportedMediaType):
        await json_body(json_request(headers=headers))


async def test_identity_is_no_compression() -> None:
    request = json_request(body(b"{}"), headers=[("content-encoding", "identity")])
    assert await json_body(request) == b"{}"
