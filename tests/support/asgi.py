"""Calls ASGI applications and reads requests without a server between."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message


def scope(
    method: str = "GET", path: str = "/", headers: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return the scope of a request, as uvicorn makes it."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "state": {},
    }


def json_request(*messages: Message, headers: Sequence[tuple[str, str]] = ()) -> Request:
    """Return a request with a JSON body that comes as these messages, then nothing more."""
    incoming = [*messages]

    async def receive() -> Message:
        if not incoming:
            await asyncio.Event().wait()
        return incoming.pop(0)

    given = [("content-type", "application/json"), *headers]
    return Request(scope("POST", headers=given), receive)


@dataclass
class Sent:
    """What an application has sent."""

    messages: list[Message] = field(default_factory=list[Message])

    async def __call__(self, message: Message) -> None:
        """Take a message: the `send` of ASGI."""
        self.messages.append(message)

    @property
    def status(self) -> int:
        """The status of the response."""
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response."""
        return {n.decode().lower(): v.decode() for n, v in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        """The body of the response."""
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def error(self) -> dict[str, Any]:
        """OpenAI's error object in the body."""
        return orjson.loads(self.body)["error"]


async def call(app: ASGIApp, request: dict[str, Any]) -> Sent:
    """Return what an application answers to a request without a body."""
    sent = Sent()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(request, receive, sent)
    return sent


async def listen_forever() -> Message:
    """Be a client that stays: the `receive` of ASGI."""
    await asyncio.Event().wait()
    raise AssertionError


async def pieces(*items: bytes) -> AsyncGenerator[bytes]:
    """Yield the items, as a body does."""
    for item in items:
        yield item
