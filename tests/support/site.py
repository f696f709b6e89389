"""A book site's own page, as far as it talks to the proxy: a reader, its questions."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from tests.support.serving import BookProxy
from tests.support.tokens import AUDIENCE, ISSUER, SECRET, shared_secret_token
from tests.support.waiting import LONG_ENOUGH_S

SIGNS_IN = {"JWT_SECRET": SECRET, "JWT_ISSUER": ISSUER, "JWT_AUDIENCE": AUDIENCE}
"""Settings of a proxy whose readers come with tokens of their site."""


def reader(server: BookProxy, name: str, **claims: Any) -> httpx.Client:
    """Return a client of a reader who is signed in."""
    token = shared_secret_token(sub=name, **claims)
    return client(server, {"authorization": f"Bearer {token}"})


def client(server: BookProxy, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Return a client."""
    return httpx.Client(base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S)


def ask(http: httpx.Client, message: str, **more: Any) -> dict[str, Any]:
    """Return the answer to a question."""
    reply = http.post("/api/chat", json={"message": message, **more})
    assert reply.status_code == 200, reply.text
    return reply.json()


def messages(http: httpx.Client, conversation_id: str) -> list[dict[str, Any]]:
    """Return the messages of a conversation."""
    reply = http.get(f"/api/chat/history/{conversation_id}")
    assert reply.status_code == 200, reply.text
    return reply.json()["messages"]


def events(reply: httpx.Response) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream as they come."""
    for line in reply.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
