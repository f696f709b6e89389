"""Every request has an id and an answer, whatever happens below."""

from types import SimpleNamespace

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.api.middleware import ErrorBoundary, LoopbackGuard, RequestContext
from proxy.errors import RateLimited
from tests.support.asgi import call, listen_forever, scope


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("well")(scope, receive, send)


def raising(exc: Exception, *, after_start: bool = False) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise exc

    return app


@pytest.mark.parametrize("given", ["abc", "A-1_b.2", "x" * 64])
async def test_a_sensible_id_of_the_client_is_kept(given: str) -> None:
    sent = await call(RequestContext(well), scope(headers=[("x-request-id", given)]))
    assert sent.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "né", "a\n"])
async def test_any_other_id_is_replaced(given: str) -> None:
    sent = await call(RequestContext(well), scope(headers=[("x-request-id", given)]))
    assert sent.headers["x-request-id"].startswith("req_")
    assert sent.headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_request_passes_by() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    for layer in (RequestContext(app), ErrorBoundary(app), LoopbackGuard(app, allowed_origins=())):
        await call(layer, {"type": "lifespan"})
    assert seen == ["lifespan"] * 3


async def test_a_defect_is_a_500_that_says_nothing_and_has_the_id() -> None:
    app = RequestContext(ErrorBoundary(raising(RuntimeError("secret detail"))))
    sent = await call(app, scope(headers=[("x-request-id", "the-one")]))
    assert sent.status == 500
    assert sent.error["code"] == "internal_error"
    assert b"secret" not in sent.body
    assert sent.headers["x-request-id"] == "the-one"


async def test_an_expected_failure_is_rendered_too() -> None:
    sent = await call(ErrorBoundary(raising(RateLimited("slow down", retry_after_s=1.2))), scope())
    assert sent.status == 429
    assert sent.headers["retry-after"] == "2"


async def test_once_an_answer_has_begun_an_error_can_only_end_it() -> None:
    with pytest.raises(RuntimeError):
        await call(
            RequestContext(ErrorBoundary(raising(RuntimeError("late"), after_start=True))), scope()
        )
    with pytest.raises(RuntimeError):
        await ErrorBoundary(raising(RuntimeError()))({"type": "lifespan"}, listen_forever, _no_send)


async def _no_send(_message: object) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", None, 200),
        ("localhost", "http://localhost:3000", 200),
        ("[::1]:8000", "http://[::1]:8000", 200),
        ("localhost", "https://book.example", 200),
        ("localhost", "https://book.example.evil.example", 403),
        ("localhost", "null", 403),
        ("localhost", "http://[", 403),
        ("evil.example", None, 403),
        ("localhost.evil.example", None, 403),
        ("127.0.0.1@evil.example", None, 403),
        ("", None, 403),
        ("[", None, 403),
    ],
)
async def test_without_auth_only_this_machine_and_listed_pages_may_ask(
    host: str, origin: str | None, status: int
) -> None:
    headers = [("host", host), *([("origin", origin)] if origin is not None else [])]
    guard = LoopbackGuard(well, allowed_origins=("https://book.example",))
    asked = scope(headers=headers)
    asked["state"]["authenticator"] = SimpleNamespace(is_open=True)
    assert (await call(guard, asked)).status == status
    asked["state"]["authenticator"] = SimpleNamespace(is_open=False)
    assert (await call(guard, asked)).status == 200
