"""What every endpoint needs: the state, the body, the caller's own view of our address."""

from fastapi import Request

from proxy.api.headers import headers_of
from proxy.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from proxy.rag.sources import SourceLinks
from proxy.state import AppState

_JSON = b"application/json"
_PLAIN = b"identity"
BODY_LIMIT_BYTES = 2 * 1024 * 1024
CHAT_BODY_LIMIT_BYTES = 20 * 1024 * 1024
"""Chats carry images as data URLs."""


def state_of(request: Request) -> AppState:
    """Return what the lifespan opened."""
    state: AppState = request.scope["state"]["proxy"]
    return state


def links_of(request: Request) -> SourceLinks:
    """Return where the caller can read passages: the public address, or the one it called."""
    public = state_of(request).settings.server.public_base_url
    if public is not None:
        return SourceLinks(public)
    host = headers_of(request.scope).first.get(b"host", b"")
    return SourceLinks(f"{request.scope['scheme']}://{host.decode('latin-1')}")


async def json_body(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """Return the body of a JSON request, reading no more than `limit_bytes` of it.

    Raises:
        UnsupportedMediaType: it is not declared as plain JSON.
        PayloadTooLarge: it is longer.
        InvalidRequest: it does not arrive; `proxy/serving` sees to it that it does in time.
    """
    headers = headers_of(request.scope).first
    media_type = headers.get(b"content-type", b"")
    if media_type != _JSON and media_type.partition(b";")[0].strip().lower() != _JSON:
        raise UnsupportedMediaType("The body is to be sent as 'content-type: application/json'.")
    if headers.get(b"content-encoding", _PLAIN) != _PLAIN:
        raise UnsupportedMediaType("Compressed bodies are not accepted.")
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":  # nobody reads this answer
            raise InvalidRequest("The body did not arrive.", code="client_disconnected")
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        if not message.get("more_body", False):
            return b"".join([*pieces, piece]) if pieces else piece
        pieces.append(piece)


def _too_large(limit_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {limit_bytes // 1024 // 1024} MB.")
