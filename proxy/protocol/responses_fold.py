"""The fold: the events of an answer to the one response they make.

It is the stream's own state with its events thrown away, so the two cannot say different things.
"""

from collections.abc import Iterable
from typing import Any

from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.responses_stream import ResponseWriter


class ResponseFold:
    """Collects events; `result` is the response of all that was fed."""

    def __init__(self, writer: ResponseWriter) -> None:
        self._writer = writer

    def feed(self, batch: Iterable[ChatEvent]) -> None:
        """Take a batch, in the order of the stream."""
        self._writer.feed(batch)

    def result(self, *, completed_unix_s: int) -> dict[str, Any]:
        """Return OpenAI's `response`."""
        (last,) = self._writer.finish(completed_unix_s=completed_unix_s)
        response: dict[str, Any] = last["response"]
        return response
