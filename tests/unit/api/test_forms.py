"""Multipart bodies within bounds."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from proxy.api.forms import MAX_FORM_BYTES, form_of
from proxy.errors import PayloadTooLarge
from tests.support.asgi import scope

HEAD = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\n'


def _request(*bodies: bytes, declared: int | None = None) -> Request:
    headers = [("content-type", "multipart/form-data; boundary=x")]
    if declared is not None:
        headers.append(("content-length", str(declared)))
    incoming = [*bodies]

    async def receive() -> Message:
        body = incoming.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(incoming)}

    return Request(scope("POST", headers=headers), receive)


async def test_a_form_that_says_it_is_too_large_is_not_even_begun() -> None:
    with pytest.raises(PayloadTooLarge):
        async with form_of(_request(b"", declared=MAX_FORM_BYTES + 1)):
            pass


async def test_a_form_is_read_no_further_than_it_may_be_large() -> None:
    piece = bytes(MAX_FORM_BYTES // 8)
    unread = [HEAD, *[piece] * 9, b"\r\n--x--"]
    with pytest.raises(PayloadTooLarge):
        async with form_of(_request(*unread)):
            pass


async def test_the_files_of_a_form_are_gone_with_it() -> None:
    async with form_of(_request(HEAD, b"text", b"\r\n--x--")) as form:
        file = form["file"]
        assert not isinstance(file, str)
        assert (file.filename, await file.read()) == ("a.md", b"text")
    assert file.file.closed
