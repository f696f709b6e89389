"""Every failure in OpenAI's envelope."""

import json

import pytest
from fastapi import FastAPI, HTTPException

from proxy.api.errors import error_response, printable, register
from proxy.errors import (
    InvalidApiKey,
    InvalidRequest,
    ProxyError,
    QuotaExhausted,
    RateLimited,
)
from tests.support.asgi import call, scope


def _subclasses(cls: type[ProxyError]) -> list[type[ProxyError]]:
    return [cls, *(each for sub in cls.__subclasses__() for each in _subclasses(sub))]


@pytest.mark.parametrize("error", _subclasses(ProxyError), ids=lambda cls: cls.__name__)
def test_each_failure_has_its_status_and_the_four_fields(error: type[ProxyError]) -> None:
    response = error_response(error("what is wrong", param="where"))
    assert response.status_code == error.status
    assert json.loads(bytes(response.body)) == {
        "error": {
            "message": "what is wrong",
            "type": error.type,
            "param": "where",
            "code": error.code,
        }
    }


def test_headers_tell_what_an_sdk_obeys() -> None:
    assert error_response(InvalidApiKey("?")).headers["www-authenticate"] == "Bearer"
    limited = error_response(RateLimited("?", retry_after_s=0.3)).headers
    assert (limited["retry-after"], limited["retry-after-ms"]) == ("1", "300")
    assert "x-should-retry" not in limited
    assert error_response(QuotaExhausted("?")).headers["x-should-retry"] == "false"
    again = error_response(InvalidRequest("?", should_retry=True)).headers
    assert again["x-should-retry"] == "true"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/teapot", 400, "invalid_value"),
        ("/nowhere", 404, "unknown_url"),
        ("/number?n=x", 400, "invalid_value"),
    ],
)
async def test_failures_of_the_framework_are_rendered_too(
    path: str, status: int, code: str
) -> None:
    app = FastAPI()
    register(app)

    async def teapot() -> None:
        raise HTTPException(418, "I am secret")

    async def number(n: int) -> int:
        return n

    app.get("/teapot")(teapot)
    app.get("/number")(number)
    path, _, query = path.partition("?")
    sent = await call(app, {**scope(path=path), "query_string": query.encode()})
    assert sent.status == status
    assert sent.error["code"] == code
    assert b"secret" not in sent.body
    assert sent.error["param"] == ("n" if query else None)


def test_paths_in_messages_are_short_and_move_no_cursor() -> None:
    assert printable("/a\nb\x1b[31m\u2028é") == r"/a\nb\x1b[31m\u2028\xe9"
    assert len(printable("/" + "x" * 10_000)) == 200
