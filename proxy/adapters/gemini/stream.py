"""The rules of order: Gemini's responses, as they come, to chat events.

The finish reason is held until the upstream has closed: Gemini sends chunks after it, and older
models send it with every chunk. Usage is the last chunk's, whole: its counts move both ways within
a stream. A stream that closes without any finish reason is cut off, and that is an error; taken
for an end it would be a truncated answer that looks complete.
"""

from typing import Any

from proxy.adapters.gemini.errors import in_band_error, unreadable
from proxy.adapters.gemini.response import (
    CONTENT_FILTER_REASONS,
    block_to_content_filter,
    finish_reason_to_openai,
    usage_to_openai,
)
from proxy.errors import UpstreamInvalidResponse
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta

_MAX_REASON_CHARS = 64


class AnswerReader:
    """Reads the responses of one answer; `feed` every batch, then `finish` once."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._stopped_by: dict[str, Any] | None = None
        """The candidate or the feedback that says a filter ended the answer."""
        self._usage: Any = None
        self._has_output = False

    def feed(self, responses: list[dict[str, Any]]) -> list[ChatEvent]:
        """Return the events of a batch, maybe none.

        Raises:
            ProxyError: the upstream reported a failure in the midst of its answer, or what it sent
                has not the shape of an answer.
        """
        events: list[ChatEvent] = []
        try:
            for response in responses:
                self._response(response, events)
        except (AttributeError, KeyError, TypeError) as exc:  # JSON, but of another shape
            raise unreadable() from exc
        return events

    def finish(self) -> list[ChatEvent]:
        """Return the end of the answer.

        Raises:
            UpstreamInvalidResponse: the upstream closed before the answer was complete.
        """
        usage = usage_to_openai(self._usage)
        if self._stopped_by is not None:
            filtered = block_to_content_filter(self._stopped_by)
            return [Finish("content_filter", self._reason, filtered), usage]
        if self._reason is None:
            raise UpstreamInvalidResponse(
                "The upstream closed the connection before the answer was complete.",
                code="upstream_truncated",
            )
        reason = finish_reason_to_openai(self._reason, has_output=self._has_output)
        if reason is None:
            raise UpstreamInvalidResponse(
                f"The upstream ended without an answer ({self._reason}).",
                code="upstream_no_content",
            )
        return [Finish(reason, self._reason), usage]

    def _response(self, response: dict[str, Any], events: list[ChatEvent]) -> None:
        if (usage := response.get("usageMetadata")) is not None:
            self._usage = usage
        if candidates := response.get("candidates"):
            self._candidate(candidates[0], events)
        elif "error" in response:
            raise in_band_error(response["error"])
        elif (feedback := response.get("promptFeedback")) and "blockReason" in feedback:
            self._stopped_by, self._reason = feedback, _word(feedback["blockReason"])

    def _candidate(self, candidate: dict[str, Any], events: list[ChatEvent]) -> None:
        content = candidate.get("content")
        if content is not None:
            for part in content.get("parts") or ():
                text = part.get("text")
                if text and not part.get("thought"):
                    if not isinstance(text, str):
                        raise unreadable()
                    self._has_output = True
                    events.append(TextDelta(text))
        if (reason := candidate.get("finishReason")) and self._stopped_by is None:
            self._reason = _word(reason)
            if reason in CONTENT_FILTER_REASONS:
                self._stopped_by = candidate


def _word(reason: Any) -> str:
    """Return Google's word, cut: it goes to the client."""
    return str(reason)[:_MAX_REASON_CHARS]
