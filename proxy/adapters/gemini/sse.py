"""Bytes of Gemini's event stream to JSON responses, wherever the network cut them.

Lines end in LF only: U+2028 and its kin are ordinary characters inside JSON, and splitting there
(as `str.splitlines` and two popular HTTP clients do) breaks a book's text. Comments and `data:`
without a space are accepted. Lines that are no event are kept, for an upstream may put a plain
JSON error into the midst of a stream.
"""

from typing import Any

import orjson

from proxy.errors import UpstreamInvalidResponse

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""An event may carry an inline image; beyond this it is an attack or a fault."""

_MAX_STRAY_BYTES = 65_536
_OTHER_FIELDS = (b"event:", b"id:", b"retry:")


class EventParser:
    """An incremental parser for one response body."""

    def __init__(self) -> None:
        self._rest = b""
        self._stray = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Return the responses that `data` completes.

        Raises:
            UpstreamInvalidResponse: an event is not a JSON object, or endless.
        """
        lines = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_EVENT_BYTES:
            raise _unreadable()
        responses: list[dict[str, Any]] = []
        for line in lines:
            if line.startswith(b"data:"):
                responses.append(_response(line[5:]))
            elif not (line in (b"", b"\r") or line.startswith((b":", *_OTHER_FIELDS))):
                self._stray = (self._stray + line)[:_MAX_STRAY_BYTES]
        return responses

    def finish(self) -> list[dict[str, Any]]:
        """Return what the end of the body completes: a last event without its line end, an error.

        Raises:
            UpstreamInvalidResponse: the body ended within an event, or was no event stream.
        """
        rest = self._rest.strip()
        if rest.startswith(b"data:"):
            return [_response(rest[5:])]
        stray = self._stray + rest
        return [_response(stray)] if stray.strip() else []


def _response(data: bytes) -> dict[str, Any]:
    try:
        response = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise _unreadable() from exc
    if isinstance(response, list) and response:  # an error comes as a list of one now and then
        response = response[0]  # pyright: ignore[reportUnknownVariableType] - checked just below
    if not isinstance(response, dict):
        raise _unreadable()
    return response  # pyright: ignore[reportUnknownVariableType] - JSON


def _unreadable() -> UpstreamInvalidResponse:
    return UpstreamInvalidResponse("The upstream's answer could not be read.")
