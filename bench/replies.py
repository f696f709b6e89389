"""What the fake upstream says, rendered to bytes once, and what a client must therefore read.

Shapes and white space follow recordings of the real API: answers are pretty-printed JSON, stream
events are `data: {…}` lines ended by CRLF, every event repeats the usage, and the last piece of
text carries the finish reason. Without `alt=sse` the real API streams one JSON array instead, which
is what Portkey asks for.
"""

import json
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MODEL: Final = "gemini-3.8-flash"
DIMENSIONS: Final = 768
CHUNKS: Final = 50
TOKENS: Final = (
    "tok00",
    *(
        f" tok{number:02d}" + (" [1]." if number == CHUNKS // 2 else "")
        for number in range(1, CHUNKS)
    ),
)
"""White space leads, as in the real model's tokens; one carries a citation marker."""
ANSWER: Final = "".join(TOKENS)
LAST_CHUNK: Final = b"0\r\n\r\n"

_STORED_VECTORS = 1024
_PROMPT_TOKENS = 40
_FRAME_SEED = 20_261
_SPREAD = 0.5
"""Noise against the common direction: two texts have a cosine of 1 / (1 + 0.5²) = 0.8, which is
where real Gemini embeddings of related texts lie, and well above any relevance floor."""


def unit_vectors(count: int, *, seed: int) -> NDArray[np.float32]:
    """Return `count` × 768 unit vectors around one common direction, the same for equal seeds."""
    common = np.random.default_rng(_FRAME_SEED).standard_normal(DIMENSIONS)
    noise = np.random.default_rng(seed).standard_normal((count, DIMENSIONS))
    rows = common / np.linalg.norm(common) + _SPREAD * noise / np.sqrt(DIMENSIONS)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def chunked(payload: bytes) -> bytes:
    """Return `payload` as one chunk of a chunked HTTP body."""
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def with_head(body: bytes, *, status: bytes = b"200 OK") -> bytes:
    """Return a whole HTTP response with a JSON body."""
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: %d"
    return head % (status, len(body)) + b"\r\n\r\n" + body


def stream_head(content_type: bytes) -> bytes:
    """Return the head of a chunked response."""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % content_type
    )


def _pretty(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def _gemini(text: str, completion_tokens: int, *, finish: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}}
    if finish:
        candidate["finishReason"] = "STOP"
    return {
        "candidates": [candidate | {"index": 0}],
        "usageMetadata": {
            "promptTokenCount": _PROMPT_TOKENS,
            "candidatesTokenCount": completion_tokens,
            "totalTokenCount": _PROMPT_TOKENS + completion_tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": _PROMPT_TOKENS}],
        },
        "modelVersion": MODEL,
        "responseId": "qJ4eaYGZNs2hvdIPx5-WmAc",
    }


def _gemini_events() -> list[dict[str, Any]]:
    return [
        _gemini(token, number, finish=number == CHUNKS) for number, token in enumerate(TOKENS, 1)
    ]


def gemini_unary() -> bytes:
    """Return the response to `generateContent`."""
    return with_head(_pretty(_gemini(ANSWER, CHUNKS, finish=True)))


def gemini_sse() -> tuple[bytes, ...]:
    """Return the 50 writes of `streamGenerateContent?alt=sse`, head in the first."""
    writes = [
        chunked(b"data: %b\r\n\r\n" % json.dumps(event).encode()) for event in _gemini_events()
    ]
    return (
        stream_head(b"text/event-stream") + writes[0],
        *writes[1:-1],
        writes[-1] + LAST_CHUNK,
    )


def gemini_array() -> tuple[bytes, ...]:
    """Return the 50 writes of `streamGenerateContent` without `alt=sse`: one JSON array."""
    items = [json.dumps(event).encode() for event in _gemini_events()]
    writes = [chunked(item + b"\n,\r\n") for item in items[1:-1]]
    return (
        stream_head(b"application/json; charset=UTF-8") + chunked(b"[" + items[0] + b"\n,\r\n"),
        *writes,
        chunked(items[-1] + b"\n]") + LAST_CHUNK,
    )


def _openai(shape: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-CkqZ4Yh1dJv2xP0",
        "object": shape,
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": None, **choice}],
    }


def openai_unary() -> bytes:
    """Return the response to `/v1/chat/completions`, for a relay that translates nothing."""
    message = {"role": "assistant", "content": ANSWER}
    completion = _openai("chat.completion", {"message": message, "finish_reason": "stop"})
    completion["usage"] = {"prompt_tokens": _PROMPT_TOKENS, "completion_tokens": CHUNKS}
    return with_head(json.dumps(completion, separators=(",", ":")).encode())


def openai_sse() -> tuple[bytes, ...]:
    """Return the 50 writes of a streamed chat completion; the last holds finish and `[DONE]`."""
    choices: list[dict[str, Any]] = [{"delta": {"content": token}} for token in TOKENS]
    choices.append({"delta": {}, "finish_reason": "stop"})
    events = [
        b"data: %b\n\n"
        % json.dumps(_openai("chat.completion.chunk", choice), separators=(",", ":")).encode()
        for choice in choices
    ]
    writes = [chunked(event) for event in events[: CHUNKS - 1]]
    tail = chunked(b"".join(events[CHUNKS - 1 :]) + b"data: [DONE]\n\n") + LAST_CHUNK
    return (stream_head(b"text/event-stream") + writes[0], *writes[1:], tail)


class EmbeddingReplies:
    """Embedding responses; which of 1024 stored vectors a text gets follows from its bytes."""

    def __init__(self) -> None:
        rows: list[list[float]] = unit_vectors(_STORED_VECTORS, seed=1).tolist()
        lists = [{"values": [round(value, 9) for value in row]} for row in rows]
        usage = {"promptTokenCount": 12}
        self._values = [json.dumps(item, indent=2).encode() for item in lists]
        self._single = [
            with_head(_pretty({"embedding": item, "usageMetadata": usage})) for item in lists
        ]

    def single(self, body: bytes) -> bytes:
        """Return the response to `embedContent` with this request body."""
        return self._single[zlib.crc32(body) % _STORED_VECTORS]

    def batch(self, body: bytes) -> bytes:
        """Return the response to `batchEmbedContents` with this request body."""
        picked = [
            self._values[zlib.crc32(json.dumps(request["content"]).encode()) % _STORED_VECTORS]
            for request in json.loads(body)["requests"]
        ]
        return with_head(b'{\n  "embeddings": [\n%b\n  ]\n}\n' % b",\n".join(picked))
