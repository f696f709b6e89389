"""Chat events to the bytes of a `text/event-stream` of chat completion chunks.

The part of a chunk that does not change within one answer is written once; a token then costs one
JSON string and a join. The sequence (role once, text, sources, finish, usage last) is what every
OpenAI client was seen to accept.

Source: https://platform.openai.com/docs/api-reference/chat-streaming
"""

from typing import Any

import orjson

from proxy.errors import ProxyError
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.deltas import delta_of, finish_fields, logprobs_of, served, usage_object

DONE = b"data: [DONE]\n\n"


class ChunkEncoder:
    """Writes the events of one answer as chunks with one id, one time, one model."""

    def __init__(
        self, *, completion_id: str, created_unix_s: int, model: str, include_usage: bool
    ) -> None:
        head = orjson.dumps(
            {
                "id": completion_id,
                "object": "chat.completion.chunk",
                "created": created_unix_s,
                "model": model,
            }
        )
        self._head = b"data: " + head[:-1]
        self._choice = self._head + b',"choices":[{"index":'
        self._tail = b',"usage":null}\n\n' if include_usage else b"}\n\n"
        self._text_end = b'},"logprobs":null,"finish_reason":null}]' + self._tail
        self._text_start = self._choice + b'0,"delta":{"content":'
        self._include_usage = include_usage

    def start(self, choices: int = 1) -> bytes:
        """Return the chunks that open the answer: the role, once a choice, in order."""
        delta = {"role": "assistant", "content": "", "refusal": None}
        return b"".join(self._chunk(i, delta) for i in range(choices))

    def encode(self, batch: list[ChatEvent]) -> bytes:
        """Return the chunks of a batch; a `Usage` the client did not ask for is left out."""
        start, end = self._text_start, self._text_end
        return b"".join(
            [
                start + orjson.dumps(event.text) + end
                if type(event) is TextDelta and event.index == 0
                else self._event(event)
                for event in batch
            ]
        )

    def _event(self, event: ChatEvent) -> bytes:
        if isinstance(event, Usage):
            return self._usage(event) if self._include_usage else b""
        if isinstance(event, AnsweredBy):
            return b""
        finish = event if type(event) is Finish else None
        return self._chunk(event.index, delta_of(event), finish, logprobs_of(event))

    def _chunk(
        self,
        index: int,
        delta: dict[str, Any],
        finish: Finish | None = None,
        logprobs: dict[str, Any] | None = None,
    ) -> bytes:
        choice = {"delta": delta, "logprobs": logprobs, **finish_fields(finish)}
        return (
            self._choice + str(index).encode() + b"," + orjson.dumps(choice)[1:] + b"]" + self._tail
        )

    def _usage(self, usage: Usage) -> bytes:
        fields: dict[str, Any] = {"choices": [], "usage": usage_object(usage), **served(usage)}
        return self._head + b"," + orjson.dumps(fields)[1:] + b"\n\n"


def error_object(error: ProxyError) -> dict[str, Any]:
    """Return OpenAI's error envelope."""
    return {
        "error": {
            "message": error.message,
            "type": error.type,
            "param": error.param,
            "code": error.code,
        }
    }


def error_event(error: ProxyError) -> bytes:
    """Return the event that ends a stream which cannot go on.

    It stands alone: an error beside `choices` is swallowed by some clients, and one after a finish
    reason by more. The numeric status is an extra, for clients that decide on it.
    """
    body = error_object(error)
    body["error"]["status"] = error.status
    return b"data: " + orjson.dumps(body) + b"\n\n"
