"""Bytes of Gemini's event stream to JSON responses, wherever the network cut them.

Lines end in LF only: U+2028 and its kin are ordinary characters inside JSON, and splitting there
(as `str.splitlines` and two popular HTTP clients do) breaks a book's text. Comments and `data:`
without a space are accepted. Lines that are no event are kept, for an upstream may put a plain
JSON error into the midst of a stream.
"""

from typing import Any

import orjson

from proxy.adapters.gemini.errors import unreadable

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""An event may carry an inline image; beyond this it is an attack or a fault."""

_MAX_STRAY_BYTES = 65_536
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_DATA = (b":", b"event:", b"id:", b"retry:")


class EventParser:
    """An incremental parser for one response body."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        """The pieces of a line that has not ended yet."""
        self._rest_bytes = 0
        self._stray = b""
        self._is_first_line = True

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Return the responses that `data` completes.

        Raises:
            UpstreamInvalidResponse: an event is not a JSON object, or endless.
        """
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and (self._rest or self._is_first_line):
            lines[0] = self._ended(lines[0])
        if rest:
            self._rest.append(rest)
            self._rest_bytes += len(rest)
            if self._rest_bytes > MAX_EVENT_BYTES:
                raise unreadable()
        return self._responses(lines)

    def finish(self) -> list[dict[str, Any]]:
        """Return what the end of the body completes: a last event without its line end, an error.

        Raises:
            UpstreamInvalidResponse: the body ended within an event, or was no event stream.
        """
        responses = self._responses([self._ended(b"")])
        stray, self._stray = self._stray.strip(), b""
        return [*responses, _response(stray)] if stray else responses

    def _ended(self, end: bytes) -> bytes:
        """Return the line that `end` ends."""
        line = b"".join((*self._rest, end))
        self._rest, self._rest_bytes = [], 0
        if self._is_first_line:
            self._is_first_line = False
            return line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _responses(self, lines: list[bytes]) -> list[dict[str, Any]]:
        responses: list[dict[str, Any]] = []
        for line in lines:
            if line.startswith(b"data:"):
                responses.append(_response(line[5:]))
            elif line and line != b"\r" and not line.startswith(_NOT_DATA):
                self._stray = (self._stray + line)[:_MAX_STRAY_BYTES]
        return responses


def _response(data: bytes) -> dict[str, Any]:
    try:
        response = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise unreadable() from exc
    if type(response) is dict:
        return response  # pyright: ignore[reportUnknownVariableType] - JSON
    if isinstance(response, list) and response:  # an error comes as a list of one now and then
        response = response[0]  # pyright: ignore[reportUnknownVariableType] - checked just below
    if not isinstance(response, dict):
        raise unreadable()
    return response  # pyright: ignore[reportUnknownVariableType] - JSON
