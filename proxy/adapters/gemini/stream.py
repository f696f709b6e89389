"""The rules of order: Gemini's responses, as they come, to chat events.

The finish reason is held until the upstream has closed: Gemini sends chunks after it, and older
models send it with every chunk. Calls are held with it, for only the end tells whether they stand.
Usage is the last chunk's, whole: its counts move both ways within a stream. A stream that closes
without any finish reason is cut off, and that is an error; taken for an end it would be a truncated
answer that looks complete.
"""

import os
from typing import Any

import orjson

from proxy.adapters.gemini.errors import in_band_error, unreadable
from proxy.adapters.gemini.logprobs import logprobs_to_openai
from proxy.adapters.gemini.partial_calls import PartialCalls
from proxy.adapters.gemini.request import Translated
from proxy.adapters.gemini.response import (
    CONTENT_FILTER_REASONS,
    block_to_content_filter,
    failure_of,
    finish_reason_to_openai,
)
from proxy.adapters.gemini.sources import annotations_of
from proxy.errors import UpstreamInvalidResponse
from proxy.protocol.chat_events import (
    ChatEvent,
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    Sources,
    TextDelta,
    ToolCallDelta,
)

_MAX_REASON_CHARS = 64
_OF_ANOTHER_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading JSON of another shape than an answer's raises."""


class AnswerReader:
    """Reads the responses of one choice; `feed` every batch, then `finish` once.

    A continued answer (`continuation`) goes on in the same reader, after `begin_hop`.
    """

    usage: Any = None
    """`usageMetadata` of the last chunk of this hop."""
    _reason: str | None = None
    _message: str | None = None
    _stopped_by: dict[str, Any] | None = None
    """The candidate or the feedback that says a filter ended the answer."""
    _token: str | None = None
    _partial_calls: PartialCalls | None = None
    _signature: str | None = None
    """Of the text; calls have their own."""
    _images = 0
    _grounding: dict[str, Any] | None = None

    def __init__(self, asked: Translated, index: int = 0) -> None:
        self._asked = asked
        self._index = index
        self._calls: list[ToolCallDelta] = []
        self._text: list[str] = []
        self._citations: list[Any] = []

    @property
    def has_output(self) -> bool:
        """Whether anything was said, called or shown."""
        return bool(self._text or self._calls or self._images)

    @property
    def continuation(self) -> str | None:
        """The token to go on with, after the upstream has closed; None where this is the end."""
        is_open = self._reason in {None, "CONTINUATION"} and self._stopped_by is None
        return self._token if is_open else None

    def begin_hop(self) -> None:
        """Forget how the last hop ended and what it cost: the answer goes on."""
        self._reason = self._message = self._token = self.usage = None

    def feed(self, responses: list[dict[str, Any]]) -> list[ChatEvent]:
        """Return the events of a batch, maybe none.

        Raises:
            ProxyError: the upstream reported a failure in the midst of its answer, or what it sent
                has not the shape of an answer.
        """
        events: list[ChatEvent] = []
        try:
            for response in responses:
                if (usage := response.get("usageMetadata")) is not None:
                    self.usage = usage
                if candidates := response.get("candidates"):
                    self._candidate(candidates[0], events)
                else:
                    self._without_candidates(response)
        except _OF_ANOTHER_SHAPE as exc:
            raise unreadable() from exc
        return events

    def finish(self) -> list[ChatEvent]:
        """Return the end of the choice: held calls, sources, the finish.

        Raises:
            UpstreamInvalidResponse: the upstream closed before the answer was complete, or ended it
                with a failure.
        """
        if self._stopped_by is not None:
            filtered = block_to_content_filter(self._stopped_by)
            return [*self._sources(), Finish("content_filter", self._reason, filtered, self._index)]
        if self._reason is None:
            raise UpstreamInvalidResponse(
                "The upstream closed the connection before the answer was complete.",
                code="upstream_truncated",
            )
        reason = finish_reason_to_openai(self._reason, has_output=self.has_output)
        if reason is None:
            raise failure_of(self._reason, self._message)
        calls: list[ChatEvent] = [*self._calls]
        if calls and reason == "stop":
            reason = "function_call" if self._calls[0].kind == "legacy" else "tool_calls"
        end = Finish(reason, self._reason, index=self._index, signature=self._signature)
        return [*calls, *self._sources(), end]

    def _without_candidates(self, response: dict[str, Any]) -> None:
        if "error" in response:
            raise in_band_error(response["error"])
        if (feedback := response.get("promptFeedback")) and "blockReason" in feedback:
            self._stopped_by, self._reason = feedback, _word(feedback["blockReason"])

    def _candidate(self, candidate: dict[str, Any], events: list[ChatEvent]) -> None:
        content = candidate.get("content")
        if content is not None:
            for part in content.get("parts") or ():
                text = part.get("text")
                if text is None:
                    self._other_part(part, events)
                elif len(part) > 1 or type(text) is not str:  # most have nothing but their text
                    self._text_part(text, part, events)
                elif text:
                    self._text.append(text)
                    events.append(TextDelta(text, self._index))
        if (reason := candidate.get("finishReason")) and self._stopped_by is None:
            self._end(reason, candidate)
        # Content and index are all that most chunks have.
        if len(candidate) > 2 or content is None or "index" not in candidate:
            self._metadata(candidate, events)

    def _text_part(self, text: Any, part: dict[str, Any], events: list[ChatEvent]) -> None:
        if not isinstance(text, str):
            raise unreadable()
        if part.get("thought"):
            if text and self._asked.shows_thoughts:
                events.append(ReasoningDelta(text, self._index))
            return
        self._sign(part)
        if text:
            self._text.append(text)
            events.append(TextDelta(text, self._index))

    def _sign(self, part: dict[str, Any]) -> None:
        """Keep the signature of a text, which may stand in an empty part behind it."""
        signature = part.get("thoughtSignature")
        if isinstance(signature, str):
            self._signature = signature

    def _other_part(self, part: dict[str, Any], events: list[ChatEvent]) -> None:
        if (call := part.get("functionCall")) is not None:
            self._partial_calls = self._partial_calls or PartialCalls()
            whole = self._partial_calls.feed(call, part.get("thoughtSignature"))
            if whole is not None:
                self._call(*whole)
        elif inline := part.get("inlineData"):
            if not part.get("thought") and inline["mimeType"].startswith("image/"):
                url = f"data:{inline['mimeType']};base64,{inline['data']}"
                events.append(ImageDelta(url, self._images, self._index))
                self._images += 1
        elif code := part.get("executableCode"):
            language = str(code.get("language", "")).lower()
            self._text_part(f"\n```{language}\n{code['code']}\n```\n", {}, events)
        elif result := part.get("codeExecutionResult"):
            self._text_part(f"\n```\n{result.get('output') or ''}\n```\n", {}, events)

    def _call(self, call: dict[str, Any], signature: Any) -> None:
        if self._calls and self._asked.one_call_only:
            return
        if not isinstance(call["name"], str) or not isinstance(call.get("args") or {}, dict):
            raise unreadable()
        name = self._asked.names.original(call["name"])
        kind = self._asked.kinds.get(name, "function")
        arguments: dict[str, Any] = call.get("args") or {}
        written = orjson.dumps(arguments).decode()
        if kind == "custom" and isinstance(arguments.get("input"), str):
            written = arguments["input"]
        given = call.get("id")
        self._calls.append(
            ToolCallDelta(
                position=len(self._calls),
                call_id=f"call_{given}" if given else f"call_{os.urandom(12).hex()}",
                name=name,
                arguments=written,
                kind=kind,
                signature=signature if isinstance(signature, str) else None,
                index=self._index,
            )
        )

    def _end(self, reason: Any, candidate: dict[str, Any]) -> None:
        self._reason = _word(reason)
        message = candidate.get("finishMessage")
        self._message = message if isinstance(message, str) else None
        if reason in CONTENT_FILTER_REASONS:
            self._stopped_by = candidate

    def _metadata(self, candidate: dict[str, Any], events: list[ChatEvent]) -> None:
        token = candidate.get("continuationToken")
        if token and isinstance(token, str):
            self._token = token
        if grounding := candidate.get("groundingMetadata"):
            self._grounding = grounding
        if citations := candidate.get("citationMetadata"):  # each names others
            self._citations += citations.get("citationSources") or citations.get("citations") or ()
        if result := candidate.get("logprobsResult"):
            events.append(LogprobsDelta(logprobs_to_openai(result), self._index))

    def _sources(self) -> list[ChatEvent]:
        if not self._grounding and not self._citations:
            return []
        try:
            found = annotations_of(self._grounding or {}, self._citations, "".join(self._text))
        except _OF_ANOTHER_SHAPE as exc:
            raise unreadable() from exc
        return [Sources(found, None, self._index)] if found else []


def _word(reason: Any) -> str:
    """Return Google's word, cut: it goes to the client."""
    return str(reason)[:_MAX_REASON_CHARS]
