"""Is this response the whole right answer? Pure functions over bytes, cheap enough for every one.

Each response is searched with one regular expression for the fifty tokens in their order, a finish
reason and (streamed) `data: [DONE]` as the last thing; every 64th is parsed event by event, which
would also find extra text between the tokens.
"""

import json
import re
from itertools import count
from typing import Any, Final, cast

from bench.replies import ANSWER, TOKENS

_TOKEN: Final = re.compile(rb'"content": ?"( ?tok\d\d(?: \[1\]\.)?)"')
_FINISH: Final = re.compile(rb'"finish_reason": ?"stop"')
_EXPECTED: Final = [token.encode() for token in TOKENS]
_ANSWER: Final = ANSWER.encode()
_PARSED_SHARE: Final = 64


def dechunked(received: bytearray, start: int) -> bytes | None:
    """Return the body of the chunked response whose first chunk begins at `start`.

    None while its last chunk is not there.
    """
    parts: list[bytearray] = []
    position = start
    while True:
        line_end = received.find(b"\r\n", position)
        if line_end < 0:
            return None
        size = int(received[position:line_end], 16)
        if size == 0:
            return b"".join(parts)
        position = line_end + 2 + size + 2
        if position > len(received):
            return None
        parts.append(received[line_end + 2 : line_end + 2 + size])


class Check:
    """What every response of one run must be."""

    def __init__(self, *, is_stream: bool, header: bytes = b"", needs_done: bool = True) -> None:
        """Expect streams or whole answers, and a `name: value` in lower case in the head.

        `needs_done` False pardons a gateway that never ends its streams with `data: [DONE]`.
        """
        self._is_stream = is_stream
        self._needs_done = needs_done
        self._header = header
        self._numbers = count()

    def problem(self, head: bytes, body: bytes) -> str | None:
        """Return what is wrong, None when nothing is; `head` in lower case."""
        if not head.startswith(b"http/1.1 200"):
            return f"status {head[9:12].decode(errors='replace')}"
        if self._header not in head:
            return f"no header {self._header.decode()!r}"
        is_sampled = next(self._numbers) % _PARSED_SHARE == 0
        if self._is_stream:
            if self._needs_done and not body.endswith(b"data: [DONE]\n\n"):
                return "no [DONE] at the end"
            return _stream_problem(body) or (_parsed_stream_problem(body) if is_sampled else None)
        return _unary_problem(body) or (_parsed_unary_problem(body) if is_sampled else None)


def _unary_problem(body: bytes) -> str | None:
    if _ANSWER not in body:
        return "wrong answer"
    return None if _FINISH.search(body) else "no finish reason"


def _stream_problem(body: bytes) -> str | None:
    if _TOKEN.findall(body) != _EXPECTED:
        return "not the 50 tokens in order"
    return None if _FINISH.search(body) else "no finish reason"


def _parsed_unary_problem(body: bytes) -> str | None:
    try:
        choice: dict[str, Any] = json.loads(body)["choices"][0]
    except (ValueError, LookupError):
        return "not a chat completion"
    return None if choice["message"]["content"] == ANSWER else "wrong content"


def _parsed_stream_problem(body: bytes) -> str | None:
    texts: list[str] = []
    reasons: list[str] = []
    for line in body.split(b"\n"):
        if not line.startswith(b"data: {"):
            continue
        event = cast("dict[str, Any]", json.loads(line[6:]))
        for choice in event.get("choices", ()):
            if text := choice["delta"].get("content"):
                texts.append(text)
            if reason := choice.get("finish_reason"):
                reasons.append(reason)
    if texts != list(TOKENS):
        return f"{len(texts)} content chunks, or not the right ones"
    return None if reasons == ["stop"] else f"finish reasons {reasons}"
