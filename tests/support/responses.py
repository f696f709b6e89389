"""Responses as OpenAI's own types see them, and a client that folds their events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast, get_args

import orjson
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

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
from proxy.protocol.responses_object import response_object
from proxy.protocol.responses_request import ResponsesRequest
from proxy.protocol.responses_stream import Event, ResponseWriter

CREATED_UNIX_S, COMPLETED_UNIX_S = 1_800_000_000, 1_800_000_009
EXTENSIONS = {"context", "store", "content_filter"}
"""Fields of a response that are ours: `store` is in OpenAI's answers, not in its Python types."""

_EVENT_CLASSES: Mapping[str, type[BaseModel]] = {
    get_args(member.model_fields["type"].annotation)[0]: member
    for member in get_args(get_args(ResponseStreamEvent)[0])
}
_ADAPTERS = {kind: TypeAdapter(member) for kind, member in _EVENT_CLASSES.items()}


def request(**fields: Any) -> ResponsesRequest:
    """Return a request; without fields, a question in one line."""
    return ResponsesRequest.model_validate({"model": "gpt-4o", "input": "When?", **fields})


def writer(**fields: Any) -> ResponseWriter:
    """Return a writer for the response to `request(**fields)`."""
    asked = request(**fields)
    response = response_object(asked, response_id="resp_1", created_unix_s=CREATED_UNIX_S)
    return ResponseWriter(response, shows_signatures=asked.wants_signatures)


def written(batches: Iterable[Sequence[ChatEvent]], **fields: Any) -> list[Event]:
    """Return all events of the response that is made of `batches`."""
    made = writer(**fields)
    events = made.start()
    for batch in batches:
        events += made.feed(batch)
    return events + made.finish(completed_unix_s=COMPLETED_UNIX_S)


def kinds(events: Iterable[Event]) -> list[str]:
    """Return the types of events, without the prefix they share."""
    return [event["type"].removeprefix("response.") for event in events]


def checked(event: Event) -> BaseModel:
    """Return an event as OpenAI's type; fields that type does not know are an error."""
    parsed = _ADAPTERS[event["type"]].validate_python(event)
    assert set(unknown_fields(parsed)) <= EXTENSIONS
    return parsed


def checked_response(body: Mapping[str, Any]) -> Response:
    """Return a response as OpenAI's type; fields that type does not know are an error."""
    parsed = Response.model_validate(body)
    assert set(unknown_fields(parsed)) <= EXTENSIONS
    return parsed


def unknown_fields(value: object) -> Iterator[str]:
    """Yield the names of all fields below `value` that its type does not have."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or {}
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name))
    elif isinstance(value, list):
        for member in cast("list[object]", value):
            yield from unknown_fields(member)


def events_in(stream: bytes) -> list[Event]:
    """Return the events of a stream; each is named as its type."""
    *blocks, rest = stream.split(b"\n\n")
    assert rest == b""
    events: list[Event] = []
    for block in blocks:
        name, data = block.split(b"\n")
        events.append(orjson.loads(data.removeprefix(b"data: ")))
        assert name == b"event: " + events[-1]["type"].encode()
    return events


def folded(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return the output that a client makes of deltas alone; statuses as at the start."""
    items: list[dict[str, Any]] = []
    for event in events:
        kind, item = event["type"].removeprefix("response."), items[-1] if items else {}
        if kind == "output_item.added":
            assert event["output_index"] == len(items)
            items.append(orjson.loads(orjson.dumps(event["item"])))
        elif kind == "content_part.added":
            item["content"].append(orjson.loads(orjson.dumps(event["part"])))
        elif kind == "reasoning_summary_part.added":
            item["summary"].append({**event["part"]})
        elif kind == "output_text.delta":
            item["content"][event["content_index"]]["text"] += event["delta"]
        elif kind == "output_text.annotation.added":
            item["content"][event["content_index"]]["annotations"].append(event["annotation"])
        elif kind == "reasoning_summary_text.delta":
            item["summary"][event["summary_index"]]["text"] += event["delta"]
        elif kind == "function_call_arguments.delta":
            item["arguments"] += event["delta"]
        elif kind == "custom_tool_call_input.delta":
            item["input"] += event["delta"]
    return items


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_FINISHES = st.sampled_from(
    [
        Finish("stop", "STOP"),
        Finish("tool_calls", "STOP"),
        Finish("length", "MAX_TOKENS"),
        Finish("content_filter", "SAFETY", {"reason": "SAFETY"}),
    ]
)


def _logprob(text: str) -> LogprobsDelta:
    token = {"token": text, "logprob": -0.5, "bytes": list(text.encode())}
    return LogprobsDelta([{**token, "top_logprobs": [token]}])


def _sources(start: int) -> Sources:
    cited = {"start_index": start, "end_index": start + 3, "title": "Pump", "url": "https://p/a"}
    file = {"type": "file_citation", "file_id": "pumps", "filename": "a.md", "index": start}
    context: dict[str, Any] = {"intent": "q", "citations": []}
    annotation = {"type": "url_citation", "url_citation": cited}
    return Sources([annotation], context, file_citations=[file])


_CALLS = st.builds(
    ToolCallDelta,
    position=st.just(0),
    call_id=st.uuids().map(lambda given: f"call_{given.hex}"),
    name=_TEXT,
    arguments=st.sampled_from(["{}", '{"a":1}']),
    kind=st.sampled_from(["function", "custom"]),
    signature=st.none() | st.just("c2lnbmF0dXJl"),
)
_SOURCES = st.integers(0, 99).map(_sources)


@st.composite
def answers(draw: st.DrawFn) -> list[ChatEvent]:
    """Draw the events of any answer of one choice, in any order that the core may send."""
    image = ImageDelta("data:image/png;base64,AAAA", 0)
    said: list[ChatEvent] = draw(
        st.lists(
            st.one_of(
                _TEXT.map(TextDelta),
                _TEXT.map(ReasoningDelta),
                _TEXT.map(_logprob),
                _CALLS,
                st.just(image),
            ),
            max_size=10,
        )
    )
    if draw(st.booleans()):
        said.append(draw(_SOURCES))
    return [*said, draw(_FINISHES), Usage(11, 7, 3, 2)]
