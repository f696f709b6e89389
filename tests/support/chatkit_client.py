"""A client of `/chatkit` that believes nothing: every frame must be one of openai-chatkit's types.

A frame may have no field that the package does not know, for ChatKit.js knows no other either.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from chatkit.types import AssistantMessageItem, Page, Thread, ThreadItem, ThreadStreamEvent
from pydantic import TypeAdapter

EVENT: TypeAdapter[ThreadStreamEvent] = TypeAdapter(ThreadStreamEvent)
ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
ITEMS: TypeAdapter[Page[ThreadItem]] = TypeAdapter(Page[ThreadItem])
THREADS: TypeAdapter[Page[Thread]] = TypeAdapter(Page[Thread])
Json = dict[str, Any]


def strictly(adapter: TypeAdapter[Any], value: Any) -> Any:
    """Return `value` as the package reads it.

    Raises:
        AssertionError: the package would drop or change something of it.
    """
    read = adapter.validate_python(value)
    written = adapter.dump_python(read, mode="json", exclude_none=True)
    assert _without_times(written) == _without_times(value)
    return read


def _without_times(value: Any) -> Any:
    """Leave moments out, which are written in many ways; they were read as moments."""
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {name: _without_times(one) for name, one in fields.items() if name != "created_at"}
    if isinstance(value, list):
        return [_without_times(one) for one in cast("list[Any]", value)]
    return value


@dataclass
class Stream:
    """The events of a stream."""

    events: list[Json]
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def kinds(self) -> list[str]:
        """What they are; runs of text are one."""
        named = [_kind(event) for event in self.events]
        return [kind for at, kind in enumerate(named) if named[:at][-1:] != [kind]]

    @property
    def items(self) -> list[Json]:
        """The items that are whole."""
        return [event["item"] for event in self.events if event["type"] == "thread.item.done"]

    def of(self, kind: str) -> list[Json]:
        """Return the events of one type."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def thread_id(self) -> str:
        """The thread that was begun."""
        return self.of("thread.created")[0]["thread"]["id"]

    @property
    def question(self) -> Json:
        """The reader's item."""
        return next(item for item in self.items if item["type"] == "user_message")

    @property
    def answer(self) -> Json:
        """The item that ends the answer."""
        return self.items[-1]

    @property
    def text(self) -> str:
        """The answer's text, from its pieces."""
        updates = [event["update"] for event in self.of("thread.item.updated")]
        return "".join(update.get("delta", "") for update in updates)

    @property
    def error(self) -> Json:
        """The failure."""
        (error,) = self.of("error")
        assert error is self.events[-1]
        return error


def _kind(event: Json) -> str:
    if event["type"] == "thread.item.updated":
        return event["update"]["type"]
    if event["type"] in {"thread.item.done", "thread.item.added", "thread.item.replaced"}:
        return f"{event['type']} {event['item']['type']}"
    return event["type"]


def read_stream(reply: httpx.Response) -> Stream:
    """Return a stream; every frame of it is validated."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    body = reply.content.decode()
    assert body.endswith("\n\n"), "it breaks off"
    return Stream(frames(body), reply.headers)


def frames(body: str) -> list[Json]:
    """Return the frames of a stream, each validated; nothing else may stand between them."""
    events: list[Json] = []
    for frame in body.removesuffix("\n\n").split("\n\n"):
        assert frame.startswith("data: ")
        assert "\n" not in frame
        event: Json = json.loads(frame.removeprefix("data: "))
        strictly(EVENT, event)
        events.append(event)
    return events


class ChatKit:
    """ChatKit.js, as far as it speaks to a server."""

    def __init__(self, http: httpx.Client, headers: Mapping[str, str] | None = None) -> None:
        self.http = http
        self._headers = dict(headers or {})

    def post(self, kind: str, /, **params: Any) -> httpx.Response:
        """Return what an operation is answered with."""
        return self.send({"type": kind, "params": params})

    def send(self, body: Json) -> httpx.Response:
        """Return what a body is answered with."""
        return self.http.post("/chatkit", json=body, headers=self._headers)

    def stream(self, kind: str, /, **params: Any) -> Stream:
        """Return the stream of an operation."""
        return read_stream(self.post(kind, **params))

    def create(self, text: str, **more: Any) -> Stream:
        """Begin a thread."""
        return self.stream("threads.create", input=said(text, **more))

    def add(self, thread_id: str, text: str, **more: Any) -> Stream:
        """Ask on."""
        return self.stream(
            "threads.add_user_message", thread_id=thread_id, input=said(text, **more)
        )

    def json(self, kind: str, /, **params: Any) -> Json:
        """Return the object that an operation is answered with."""
        reply = self.post(kind, **params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def thread(self, thread_id: str) -> Json:
        """Return a thread with its first items."""
        thread = self.json("threads.get_by_id", thread_id=thread_id)
        strictly(TypeAdapter(Thread), thread)
        return thread

    def threads(self, **params: Any) -> Json:
        """Return a page of threads."""
        page = self.json("threads.list", **params)
        strictly(THREADS, page)
        return page

    def items(self, thread_id: str, **params: Any) -> Json:
        """Return a page of items."""
        page = self.json("items.list", thread_id=thread_id, **params)
        strictly(ITEMS, page)
        return page


def said(text: str, **more: Any) -> Json:
    """Return what the composer sends."""
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
        **more,
    }


def marks_in(item: Json) -> list[Json]:
    """Return the annotations of an answer."""
    AssistantMessageItem.model_validate(item)
    return [mark for part in item["content"] for mark in part["annotations"]]
