"""A Gemini that answers at the pace its model's name says, and remembers who went away when.

`python -m reliability.upstream --port P [--embedding-ms 150]`. The model `gemini-paced-600-10-150`
says its first token after 600 ms and one every 10 ms after that, 150 in all. Token n of the request
that asks about `stream-7` is ` s7n0`, ` s7n1` …, so that one that is lost, doubled, out of order or
somebody else's is seen.

`GET /stats` tells, by request, how long it took here (so that what others add can be told), how
many answers are open, and when clients left in the middle of one (`time.monotonic`, which all
processes of a machine share).
"""

import argparse
import asyncio
import json
import re
import time
from typing import Any, Final, cast

import uvloop

from bench import replies

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ASKED: Final = re.compile(rb"stream-(\d+)")
_PACE: Final = re.compile(rb"gemini-paced-(\d+)-(\d+)-(\d+):(\w+)")
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def token(stream: int, number: int) -> str:
    """Return one token of an answer."""
    return f" s{stream}n{number}"


def _event(text: str, number: int, *, is_last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}}
    if is_last:
        candidate["finishReason"] = "STOP"
    return {
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": number + 1},
        "modelVersion": "gemini-paced",
    }


class Stats:
    """What happened."""

    def __init__(self) -> None:
        self.open = 0
        self.begun = 0
        self.answering_s: dict[int, float] = {}
        self.embedding_s: dict[int, float] = {}
        self.left_at_s: list[float] = []

    def as_json(self) -> bytes:
        """Return all of it."""
        return json.dumps(vars(self)).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, stats: Stats, vectors: replies.EmbeddingReplies, embedding_s: float) -> None:
        self._stats = stats
        self._vectors = vectors
        self._embedding_s = embedding_s
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._is_answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note a client that left in the middle."""
        del exc
        self._transport = None
        if self._is_answering:
            self._stats.open -= 1
            self._stats.left_at_s.append(time.monotonic())

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete."""
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _LENGTH.search(self._received, 0, head_end)
        end = head_end + 4 + (int(length[1]) if length else 0)
        if len(self._received) < end:
            return
        request, self._received = self._received[:end], self._received[end:]
        self._answer(request.split(b" ", 2)[1], request[head_end + 4 :])

    def _answer(self, target: bytes, body: bytes) -> None:
        asked = _ASKED.findall(body)
        stream = int(asked[-1]) if asked else 0
        if pace := _PACE.search(target):
            first_ms, gap_ms, tokens = map(int, pace.group(1, 2, 3))
            is_stream = pace[4] == b"streamGenerateContent"
            answer = _Answer(self, stream, gap_ms / 1000, tokens, is_stream=is_stream)
            self._is_answering = True
            self._stats.open += 1
            self._stats.begun += 1
            self._loop.call_later(first_ms / 1000, answer.go_on)
        elif b":embedContent" in target or b":batchEmbedContents" in target:
            is_batch = b":batch" in target
            reply = (self._vectors.batch if is_batch else self._vectors.single)(body)
            began_s = time.monotonic()
            self._loop.call_later(self._embedding_s, self._embedded, reply, stream, began_s)
        elif target == b"/stats":
            self.write(replies.with_head(self._stats.as_json()))
        else:
            self.write(replies.with_head(b'{"models": [{"name": "models/gemini-paced"}]}'))

    def _embedded(self, reply: bytes, stream: int, began_s: float) -> None:
        self._stats.embedding_s[stream] = time.monotonic() - began_s
        self.write(reply)

    def write(self, data: bytes) -> bool:
        """Send, unless the client has gone."""
        if self._transport is None:
            return False
        self._transport.write(data)
        return True

    def answered(self, stream: int, took_s: float) -> None:
        """Note that an answer is complete."""
        self._is_answering = False
        self._stats.open -= 1
        self._stats.answering_s[stream] = took_s


class _Answer:
    """Writes one answer, token by token; each at its own time, so that no lateness adds up."""

    def __init__(
        self, connection: Connection, stream: int, gap_s: float, tokens: int, *, is_stream: bool
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._gap_s = gap_s
        self._tokens = tokens
        self._is_stream = is_stream
        self._loop = asyncio.get_running_loop()
        self._asked_s = time.monotonic()
        self._first_s = 0.0
        self._said = 0

    def go_on(self) -> None:
        """Say the next token; a whole answer is said with its last."""
        number = self._said
        self._said += 1
        if number == 0:
            self._first_s = self._loop.time()
        is_last = self._said == self._tokens
        if self._is_stream:
            event = _event(token(self._stream, number), number, is_last=is_last)
            data = replies.chunked(b"data: " + json.dumps(event).encode() + b"\r\n\r\n")
            data = (_HEAD + data) if number == 0 else data
            data += replies.LAST_CHUNK if is_last else b""
            if not self._connection.write(data):
                return
        if not is_last:
            self._loop.call_at(self._first_s + self._said * self._gap_s, self.go_on)
            return
        if not self._is_stream:
            text = "".join(token(self._stream, n) for n in range(self._tokens))
            event = _event(text, number, is_last=True)
            self._connection.write(replies.with_head(json.dumps(event).encode()))
        self._connection.answered(self._stream, time.monotonic() - self._asked_s)


async def _serve(port: int, embedding_s: float) -> None:
    stats, vectors = Stats(), replies.EmbeddingReplies()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(stats, vectors, embedding_s), "127.0.0.1", port, backlog=2_048
    )
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A Gemini that answers at a pace.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--embedding-ms", type=float, default=150.0)
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.embedding_ms / 1000))


if __name__ == "__main__":
    main()
