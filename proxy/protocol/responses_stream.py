"""Chat events to the events of a Responses stream, in OpenAI's order.

One item follows the other: added, written, done. The message is the one item that stays open until
the end, because its annotations are known only then; what arrives meanwhile waits behind it. So
the text of an answer is one part, and offsets into it hold.

Source: https://platform.openai.com/docs/api-reference/responses-streaming; the order was tried
against openai-python, openai-node, openai-agents and Vercel's `ai`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from proxy.errors import ProxyError
from proxy.protocol.as_json import as_json
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
from proxy.protocol.deltas import served
from proxy.protocol.responses_object import (
    annotations_of,
    custom_call_item,
    event_logprobs,
    failure,
    function_call_item,
    image_item,
    message_item,
    outcome,
    reasoning_item,
    text_part,
    usage_object,
)

Event = dict[str, Any]


class ResponseWriter:
    """Writes one response: `start`, `feed` every batch, then `finish` or `fail`.

    `response` is the response object so far. Events are never changed once they were returned.
    """

    def __init__(self, response: dict[str, Any], *, shows_signatures: bool = False) -> None:
        self.response = response
        self._shows_signatures = shows_signatures
        self._token = str(response["id"]).partition("_")[2]
        self._number = 0
        self._output: list[dict[str, Any]] = []
        self._thoughts: list[str] | None = None
        """The reasoning that is being written; None: none is."""
        self._text: list[str] | None = None
        """The message that is being written; None: none is."""
        self._waiting: list[ChatEvent] = []
        """What has come since the message was opened."""
        self._logprobs: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._usage = Usage()

    def start(self) -> list[Event]:
        """Return the events that open the response."""
        return [self._life("response.created"), self._life("response.in_progress")]

    def feed(self, batch: Iterable[ChatEvent]) -> list[Event]:
        """Return the events of a batch, maybe none."""
        out: list[Event] = []
        for event in batch:
            if isinstance(event, TextDelta):
                self._write_text(event.text, out)
            elif isinstance(event, Finish):
                self._close(event, out)
            elif isinstance(event, Sources):
                self._annotations = annotations_of(event)
                if event.context is not None:
                    self.response["context"] = event.context
            elif isinstance(event, LogprobsDelta):
                self._logprobs += event.content
            elif isinstance(event, Usage):
                self._usage = event
            elif self._text is not None:
                self._waiting.append(event)
            else:
                self._write_item(event, out)
        return out

    def finish(self, *, completed_unix_s: int) -> list[Event]:
        """Return the event that ends the response; the answer has had its `Finish`."""
        if self.response["status"] == "completed":
            self.response["completed_at"] = completed_unix_s
        self.response |= {"usage": usage_object(self._usage), **served(self._usage)}
        return [self._life(f"response.{self.response['status']}")]

    def fail(self, error: ProxyError) -> list[Event]:
        """Return the events that end a response which cannot go on; what is open stays so."""
        self.response |= {"status": "failed", "error": failure(error)}
        if self._text is not None:
            part = text_part("".join(self._text))
            self._output.append(message_item(self._id("msg"), "incomplete", [part]))
        told = {"code": error.code, "message": error.message, "param": error.param}
        return [self._life("response.failed"), self._event("error", **told)]

    def _write_text(self, text: str, out: list[Event]) -> None:
        written = self._open_message(out) if self._text is None else self._text
        written.append(text)
        out.append(self._at_part("response.output_text.delta", delta=text, logprobs=[]))

    def _open_message(self, out: list[Event]) -> list[str]:
        self._close_reasoning(out)
        self._text = []
        out.append(self._added(message_item(self._id("msg"), "in_progress")))
        out.append(self._at_part("response.content_part.added", part=text_part()))
        return self._text

    def _close_message(self, status: str, out: list[Event]) -> None:
        text, self._text = "".join(self._text or ()), None
        for i, annotation in enumerate(self._annotations):
            out.append(
                self._at_part(
                    "response.output_text.annotation.added",
                    annotation_index=i,
                    annotation=annotation,
                )
            )
        part = text_part(text, self._annotations, self._logprobs)
        likely = event_logprobs(self._logprobs)
        out.append(self._at_part("response.output_text.done", text=text, logprobs=likely))
        out.append(self._at_part("response.content_part.done", part=part))
        self._done(message_item(self._id("msg"), status, [part]), out)

    def _close(self, finish: Finish, out: list[Event]) -> None:
        """Close what is open, then write what has waited; thoughts alone are no answer."""
        said = outcome(finish)
        if self._text is None and all(item["type"] == "reasoning" for item in self._output):
            self._open_message(out)
        if self._text is not None:
            self._close_message(said["status"], out)
        for event in self._waiting:
            self._write_item(event, out)
        self._close_reasoning(out)
        self.response |= said

    def _write_item(self, event: ChatEvent, out: list[Event]) -> None:
        if isinstance(event, ReasoningDelta):
            self._think(event.text, out)
        elif isinstance(event, ToolCallDelta):
            self._close_reasoning(out, event.signature)
            if event.kind == "custom":
                self._custom_call(event, out)
            else:
                self._function_call(event, out)
        elif isinstance(event, ImageDelta):
            self._close_reasoning(out)
            item = image_item(self._id("ig"), event)
            begun = {**item, "status": "in_progress", "result": None}
            out.append(self._added(begun))
            out.append(self._at_item("response.image_generation_call.completed", "ig"))
            self._done(item, out)

    def _think(self, text: str, out: list[Event]) -> None:
        if self._thoughts is None:
            self._thoughts = []
            out.append(self._added(reasoning_item(self._id("rs"), [], None)))
            part = {"type": "summary_text", "text": ""}
            out.append(self._at_summary("response.reasoning_summary_part.added", part=part))
        self._thoughts.append(text)
        out.append(self._at_summary("response.reasoning_summary_text.delta", delta=text))

    def _close_reasoning(self, out: list[Event], signature: str | None = None) -> None:
        """Close the reasoning, if any; `signature` is that of the call it led to."""
        kept = signature if self._shows_signatures else None
        if self._thoughts is None:
            if kept is not None:
                out.append(self._added(reasoning_item(self._id("rs"), [], None)))
                self._done(reasoning_item(self._id("rs"), [], kept), out)
            return
        text, self._thoughts = "".join(self._thoughts), None
        part = {"type": "summary_text", "text": text}
        out.append(self._at_summary("response.reasoning_summary_text.done", text=text))
        out.append(self._at_summary("response.reasoning_summary_part.done", part=part))
        self._done(reasoning_item(self._id("rs"), [part], kept), out)

    def _function_call(self, call: ToolCallDelta, out: list[Event]) -> None:
        item_id, name = self._id("fc"), "response.function_call_arguments"
        out.append(self._added(function_call_item(item_id, call, "in_progress", "")))
        out.append(self._at_item(f"{name}.delta", "fc", delta=call.arguments))
        out.append(self._at_item(f"{name}.done", "fc", arguments=call.arguments))
        self._done(function_call_item(item_id, call, "completed", call.arguments), out)

    def _custom_call(self, call: ToolCallDelta, out: list[Event]) -> None:
        item_id, name = self._id("ctc"), "response.custom_tool_call_input"
        out.append(self._added(custom_call_item(item_id, call, "")))
        out.append(self._at_item(f"{name}.delta", "ctc", delta=call.arguments))
        out.append(self._at_item(f"{name}.done", "ctc", input=call.arguments))
        self._done(custom_call_item(item_id, call, call.arguments), out)

    def _id(self, prefix: str) -> str:
        """Return the id of the item that is being written: it is that of its place."""
        return f"{prefix}_{self._token}{len(self._output):04x}"

    def _added(self, item: dict[str, Any]) -> Event:
        return self._event("response.output_item.added", output_index=len(self._output), item=item)

    def _done(self, item: dict[str, Any], out: list[Event]) -> None:
        out.append(
            self._event("response.output_item.done", output_index=len(self._output), item=item)
        )
        self._output.append(item)

    def _at_item(self, kind: str, prefix: str, **fields: Any) -> Event:
        return self._event(kind, item_id=self._id(prefix), output_index=len(self._output), **fields)

    def _at_part(self, kind: str, **fields: Any) -> Event:
        return self._at_item(kind, "msg", content_index=0, **fields)

    def _at_summary(self, kind: str, **fields: Any) -> Event:
        return self._at_item(kind, "rs", summary_index=0, **fields)

    def _life(self, kind: str) -> Event:
        self.response["output"] = [*self._output]
        return self._event(kind, response={**self.response})

    def _event(self, kind: str, **fields: Any) -> Event:
        event = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return event


def encode(events: Sequence[Event]) -> bytes:
    """Return the events as `text/event-stream`, each with its name."""
    try:
        return b"".join(
            [
                b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
                for event in events
            ]
        )
    except TypeError:  # an integer too large for orjson, in the tools that a response repeats
        pieces = [(event["type"].encode(), as_json(event)) for event in events]
        return b"".join([b"event: %b\ndata: %b\n\n" % piece for piece in pieces])
