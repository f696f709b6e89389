"""The fold: the events of an answer to the one chat completion they make."""

from dataclasses import dataclass, field
from typing import Any

from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, Usage
from proxy.protocol.sse import finish_fields, usage_object


@dataclass(slots=True)
class _Choice:
    text: list[str] = field(default_factory=list[str])
    sources: Sources | None = None
    finish: Finish | None = None


class Accumulator:
    """Collects events; `result` is the completion of all that was fed."""

    def __init__(self, choices: int = 1) -> None:
        self._choices = [_Choice() for _ in range(choices)]
        self._usage = Usage()

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch, in the order of the stream."""
        for event in batch:
            if isinstance(event, Usage):
                self._usage = event
                continue
            choice = self._choices[event.index]
            if isinstance(event, TextDelta):
                choice.text.append(event.text)
            elif isinstance(event, Sources):
                choice.sources = event
            else:
                choice.finish = event

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
                    "message": _message(choice),
                    "logprobs": None,
                    **finish_fields(choice.finish),
                }
                for i, choice in enumerate(self._choices)
            ],
            "usage": usage_object(self._usage),
        }


def _message(choice: _Choice) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(choice.text),
        "refusal": None,
        "annotations": [],
    }
    if choice.sources is not None:
        message["annotations"] = choice.sources.annotations
        message["context"] = choice.sources.context
    return message
