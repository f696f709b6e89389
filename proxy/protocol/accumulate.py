"""The fold: the events of an answer to the one chat completion they make."""

from typing import Any

from proxy.protocol.chat_events import (
    ChatEvent,
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    Sources,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from proxy.protocol.deltas import (
    finish_fields,
    image,
    legacy_call,
    served,
    sources,
    tool_call,
    usage_object,
)
from proxy.protocol.thought_signatures import signed


class Choice:
    """What one choice has come to."""

    __slots__ = ("calls", "finish", "images", "logprobs", "reasoning", "sources", "text")

    def __init__(self) -> None:
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.calls: list[ToolCallDelta] = []
        self.images: list[ImageDelta] = []
        self.logprobs: list[dict[str, Any]] = []
        self.sources: Sources | None = None
        self.finish: Finish | None = None

    def feed(self, event: ChatEvent) -> None:
        """Take an event of this choice."""
        if isinstance(event, TextDelta):
            self.text.append(event.text)
        elif isinstance(event, Finish):
            self.finish = event
        elif isinstance(event, ReasoningDelta):
            self.reasoning.append(event.text)
        elif isinstance(event, ToolCallDelta):
            self.calls.append(event)
        elif isinstance(event, ImageDelta):
            self.images.append(event)
        elif isinstance(event, LogprobsDelta):
            self.logprobs += event.content
        elif isinstance(event, Sources):
            self.sources = event

    def message(self) -> dict[str, Any]:
        """Return OpenAI's message."""
        text = "".join(self.text)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text if text or not self.calls else None,
            "refusal": None,
            "annotations": [],
        }
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if self.images:
            message["images"] = [image(made) for made in self.images]
        if self.sources is not None:
            message.update(sources(self.sources))
        if self.calls and self.calls[0].kind == "legacy":
            message["function_call"] = legacy_call(self.calls[0])
        elif self.calls:
            message["tool_calls"] = [tool_call(call) for call in self.calls]
        if self.finish is not None and self.finish.signature:  # not in a stream: UIs do not keep it
            message.update(signed(self.finish.signature))
        return message


class Accumulator:
    """Collects events; `result` is the completion of all that was fed."""

    def __init__(self, choices: int = 1) -> None:
        self.choices = [Choice() for _ in range(choices)]
        self.usage = Usage()

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch, in the order of the stream."""
        for event in batch:
            if isinstance(event, Usage):
                self.usage = event
            else:
                self.choices[event.index].feed(event)

    def result(self, *, completion_id: str, created_unix_s: int, model: str) -> dict[str, Any]:
        """Return OpenAI's `chat.completion`."""
        return {
            "id": completion_id,
            "object": "chat.completion",
            "created": created_unix_s,
            "model": model,
            "choices": [
                {
                    "index": i,
                    "message": choice.message(),
                    "logprobs": (
                        {"content": choice.logprobs, "refusal": None} if choice.logprobs else None
                    ),
                    **finish_fields(choice.finish),
                }
                for i, choice in enumerate(self.choices)
            ],
            "usage": usage_object(self.usage),
            **served(self.usage),
        }
