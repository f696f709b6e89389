"""The chunks of any OpenAI-compatible upstream, or its whole completion, to chat events.

Read as loosely as servers write: usage in no chunk, in the last or in every one (the last counts),
roles again and again, thoughts as `reasoning_content` (DeepSeek, vLLM, xAI) or `reasoning` (Ollama,
OpenRouter), content as a list of parts (Mistral). Strict in one thing: an answer without a finish
reason was cut off, and that is an error; taken for an end it would look complete.
"""

from typing import Any, cast

from proxy.adapters.openai_compat.calls import CallCollector
from proxy.adapters.openai_compat.errors import in_band_error, unreadable
from proxy.adapters.openai_compat.text import clean_json, clean_text
from proxy.errors import UnsupportedParameter, UpstreamFailed, UpstreamInvalidResponse
from proxy.protocol.chat_events import (
    ChatEvent,
    Finish,
    FinishReason,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    TextDelta,
    Usage,
)

_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
"""Every other word means that the answer came to its own end (`eos`, `end_turn`, …)."""

_FAILED = frozenset({"error", "abort", "insufficient_system_resource"})
_MAX_REASON_CHARS = 64


class AnswerReader:
    """Reads one answer: `feed` every chunk, then `finish` once.

    Args:
        choices: how many were asked for.
        shows_thoughts: whether the client wants them.
        is_legacy: whether calls are answered as `function_call`.
    """

    def __init__(self, choices: int = 1, *, shows_thoughts: bool, is_legacy: bool) -> None:
        self._choices = [
            _Choice(index, shows_thoughts=shows_thoughts, is_legacy=is_legacy)
            for index in range(choices)
        ]
        self._usage = Usage()

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer is there, shown or not: more than its role."""
        return any(choice.has_begun for choice in self._choices)

    def feed(self, chunk: Any) -> list[ChatEvent]:
        """Return the events of a chunk, maybe none.

        Raises:
            ProxyError: the upstream reported a failure, or what it sent is no chunk.
        """
        if not isinstance(chunk, dict):
            raise unreadable()
        fields = cast("dict[str, Any]", chunk)
        if fields.get("error"):
            raise in_band_error(fields["error"])
        events: list[ChatEvent] = []
        try:
            for choice in fields.get("choices") or ():
                self._choice(choice.get("index")).feed(choice, events)
            if usage := fields.get("usage"):
                self._usage = usage_of(usage)
        except (AttributeError, IndexError, KeyError, TypeError) as exc:  # JSON of another shape
            raise unreadable() from exc
        return events

    def _choice(self, index: int | None) -> "_Choice":
        if index is not None and index < 0:
            raise IndexError(index)
        return self._choices[index or 0]

    def finish(self) -> list[ChatEvent]:
        """Return the end of the answer.

        Raises:
            UpstreamInvalidResponse: the upstream closed before the answer was complete.
            UpstreamFailed: it says that it gave up.
            UnsupportedParameter: it made fewer choices than it was asked for.
        """
        missing = [choice for choice in self._choices if choice.reason is None]
        if any(choice.has_begun for choice in missing) or len(missing) == len(self._choices):
            raise UpstreamInvalidResponse(
                "The upstream closed the connection before the answer was complete.",
                code="upstream_truncated",
            )
        if missing:
            raise UnsupportedParameter(
                f"The upstream made fewer than {len(self._choices)} choices.", param="n"
            )
        events: list[ChatEvent] = []
        for choice in self._choices:
            events += choice.finish()
        return [*events, self._usage]


class _Choice:
    """Reads one choice."""

    def __init__(self, index: int, *, shows_thoughts: bool, is_legacy: bool) -> None:
        self.reason: str | None = None
        self.has_begun = False
        self._index = index
        self._shows_thoughts = shows_thoughts
        self._is_legacy = is_legacy
        self._calls = CallCollector()
        self._images = 0

    def feed(self, choice: dict[str, Any], events: list[ChatEvent]) -> None:
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self.has_begun = True
            if self._shows_thoughts and isinstance(thought, str):
                events.append(ReasoningDelta(clean_text(thought), self._index))
        if text := _text(delta.get("content")) or _text(delta.get("refusal")):
            self.has_begun = True
            events.append(TextDelta(text, self._index))
        if logprobs := _object(choice.get("logprobs")).get("content"):
            events.append(LogprobsDelta(clean_json(logprobs), self._index))
        self._feed_rarities(delta, events)
        if reason := choice.get("finish_reason"):
            self.reason = clean_text(reason)[:_MAX_REASON_CHARS]

    def _feed_rarities(self, delta: dict[str, Any], events: list[ChatEvent]) -> None:
        for piece in delta.get("tool_calls") or ():
            self.has_begun = True
            self._calls.add(piece)
        if call := delta.get("function_call"):
            self.has_begun = True
            self._calls.add({"index": 0, "function": call})
        for image in delta.get("images") or ():
            self.has_begun = True
            url = clean_text(image["image_url"]["url"])
            events.append(ImageDelta(url, self._images, self._index))
            self._images += 1

    def finish(self) -> list[ChatEvent]:
        """Return the choice's calls and its `Finish`."""
        native = self.reason or ""
        if native in _FAILED:
            raise UpstreamFailed(f"The upstream gave up in the midst of its answer ({native}).")
        reason = _REASONS.get(native, "stop")
        if self._calls and reason == "stop":  # so do Ollama, and OpenAI where a call was forced
            reason = "tool_calls"
        elif not self._calls and reason == "tool_calls":
            reason = "stop"
        if reason == "tool_calls" and self._is_legacy:
            reason = "function_call"
        calls = self._calls.whole(self._index, is_legacy=self._is_legacy)
        said = native if native != reason else None
        return [*calls, Finish(reason, said, index=self._index)]


def usage_of(usage: Any) -> Usage:
    """Return OpenAI's usage as ours; zeros where the upstream does not count.

    Raises:
        TypeError: it is no usage.
    """
    counts = _object(usage)
    prompt, completion = _count(counts, "prompt_tokens"), _count(counts, "completion_tokens")
    cached = _count(_object(counts.get("prompt_tokens_details")), "cached_tokens")
    thought = _count(_object(counts.get("completion_tokens_details")), "reasoning_tokens")
    if thought and counts.get("total_tokens") == prompt + completion + thought:
        completion += thought  # xAI counts thoughts beside the completion, OpenAI within it
    return Usage(prompt, completion, cached_tokens=cached, reasoning_tokens=thought)


def _object(value: Any) -> dict[str, Any]:
    """Return a JSON object, an empty one for null.

    Raises:
        TypeError: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError
    return cast("dict[str, Any]", value)


def _count(counts: dict[str, Any], name: str) -> int:
    """Return a number of tokens, 0 for null.

    Raises:
        TypeError: it is no number.
    """
    count = counts.get(name)
    if not isinstance(count, int | float | None):
        raise TypeError
    return int(count or 0)


def _text(content: Any) -> str:
    """Return the text of `content`.

    Raises:
        AttributeError, TypeError: it is neither text nor a list of parts.
    """
    if not isinstance(content, list):
        return clean_text(content)
    parts = cast("list[dict[str, Any]]", content)
    return "".join(clean_text(part.get("text")) for part in parts if part.get("type") == "text")
