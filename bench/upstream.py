"""A fake Gemini (and OpenAI) upstream that answers as fast as a socket allows.

`python -m bench.upstream --port P [--gap-ms 0]` serves, on uvloop with a bare protocol and bytes
rendered beforehand:

* `POST /v1beta/models/{m}:generateContent`, `:streamGenerateContent` (`?alt=sse` or JSON array),
  `:embedContent`, `:batchEmbedContents`; `GET /v1beta/models[/{m}]`
* `POST /v1/chat/completions`, unary and streamed, for relays that do not translate
* `GET /stats`: how many requests of each kind were answered

Timing. There is no think time. Each of the 50 chunks of a stream is one chunk of the HTTP body and
one `send()` on a socket without Nagle's delay: uvloop gathers the writes of one turn of the event
loop, so the next chunk is written in the next turn, after the chunks of all other streams under
way. With `--gap-ms G` it is written G ms later instead. The kernel still hands over together what a
reader was too slow to fetch, as it does in production. Responses are never compressed.
"""

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Final, cast

import uvloop

from bench import replies

_CONTENT_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM_ASKED: Final = re.compile(rb'"stream"\s*:\s*true')
_NOT_FOUND: Final = {"error": {"code": 404, "message": "no such method", "status": "NOT_FOUND"}}

Reply = bytes | tuple[bytes, ...]


class Answers:
    """Chooses the rendered reply to a request and counts what was asked."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._unary = replies.gemini_unary()
        self._sse = replies.gemini_sse()
        self._array = replies.gemini_array()
        self._openai_unary = replies.openai_unary()
        self._openai_sse = replies.openai_sse()
        self._embeddings = replies.EmbeddingReplies()
        self._routes: Final[dict[bytes, Callable[[bytes, bytes], Reply]]] = {
            b"generateContent": lambda _query, _body: self._unary,
            b"streamGenerateContent": self._stream,
            b"embedContent": lambda _query, body: self._embeddings.single(body),
            b"batchEmbedContents": lambda _query, body: self._embeddings.batch(body),
            b"/v1/chat/completions": self._openai,
        }

    def to(self, target: bytes, body: bytes) -> Reply:
        """Return the reply to a request for `target` (path and query): whole, or in writes."""
        path, _, query = target.partition(b"?")
        method = path.rpartition(b":")[2]
        route = self._routes.get(method)
        if route is None:
            return self._other(path)
        self.counts[method.decode()] += 1
        return route(query, body)

    def _stream(self, query: bytes, _body: bytes) -> Reply:
        return self._sse if b"alt=sse" in query else self._array

    def _openai(self, _query: bytes, body: bytes) -> Reply:
        return self._openai_sse if _STREAM_ASKED.search(body) else self._openai_unary

    def _other(self, path: bytes) -> bytes:
        if path == b"/stats":
            return replies.with_head(json.dumps(self.counts).encode())
        if path.startswith(b"/v1beta/models"):
            name = path.rpartition(b"/")[2].decode()
            models = {"name": f"models/{name}", "models": [{"name": f"models/{replies.MODEL}"}]}
            return replies.with_head(json.dumps(models).encode())
        return replies.with_head(json.dumps(_NOT_FOUND).encode(), status=b"404 Not Found")


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request, then its reply, then the next."""

    def __init__(self, answers: Answers, gap_s: float) -> None:
        self._answers = answers
        self._gap_s = gap_s
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._writes: tuple[bytes, ...] = ()
        self._written = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop writing."""
        del exc
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete."""
        self._received = self._received + data if self._received else data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _CONTENT_LENGTH.search(self._received, 0, head_end)
        end = head_end + 4 + (int(length[1]) if length else 0)
        if len(self._received) < end:
            return
        request, self._received = self._received[:end], self._received[end:]
        target = request.split(b" ", 2)[1]
        reply = self._answers.to(target, request[head_end + 4 :])
        if isinstance(reply, bytes):
            if self._transport is not None:
                self._transport.write(reply)
            return
        self._writes, self._written = reply, 0
        self._write_next()

    def _write_next(self) -> None:
        if self._transport is None:
            return
        self._transport.write(self._writes[self._written])
        self._written += 1
        if self._written == len(self._writes):
            return
        if self._gap_s:
            self._loop.call_later(self._gap_s, self._write_next)
        else:
            self._loop.call_soon(self._write_next)


async def _serve(port: int, gap_s: float) -> None:
    answers = Answers()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers, gap_s), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gap-ms", type=float, default=0.0, help="pause between two chunks")
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.gap_ms / 1000))


if __name__ == "__main__":
    main()
