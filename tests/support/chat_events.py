"""Answers as events, for tests of what comes behind a generator; and a client that folds chunks."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import orjson
from hypothesis import strategies as st

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

USAGE = Usage(prompt_tokens=11, completion_tokens=7, cached_tokens=3, reasoning_tokens=2)

_ODD = st.sampled_from(["\u2028", "\u2029", "\u0085", "\r\n", "😀", "𝄞", "\x00", '"', "\\", "]}"])
# Lone surrogates cannot be written as UTF-8; no JSON parser on the way lets one in.
_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | _ODD
text_deltas = st.lists(_TEXT.filter(bool).map(TextDelta), max_size=12)
finishes = st.sampled_from(
    [
        Finish("stop", "STOP"),
        Finish("length", "MAX_TOKENS"),
        Finish("content_filter", "SAFETY", {"reason": "SAFETY"}),
        Finish("stop"),
    ]
)
sources = st.just(
    Sources([{"type": "url_citation", "url_citation": {"start_index": 0}}], {"intent": "q"})
)
_COUNT = st.integers(0, 10**9)
_NAME = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_LOGPROB = {"token": "t", "logprob": -0.5, "bytes": [116], "top_logprobs": []}
_PLACE = {"start_index": 0, "end_index": 3, "title": "t", "url": "https://book.example"}
_CITATION = {"type": "url_citation", "url_citation": _PLACE}
_SIGNATURES = st.sampled_from([None, "c2lnbmF0dXJl"])


@st.composite
def calls(draw: st.DrawFn, index: int = 0) -> list[ChatEvent]:
    """Draw the calls that a choice ends with: of one kind, numbered."""
    kind: Literal["function", "custom"] = draw(st.sampled_from(["function", "custom"]))
    made: list[ChatEvent] = [
        ToolCallDelta(
            position=i,
            call_id=f"call_{index}_{i}",
            name=draw(_NAME),
            arguments=draw(_TEXT) if kind == "custom" else '{"a":1}',
            kind=kind,
            signature=draw(_SIGNATURES),
            index=index,
        )
        for i in range(draw(st.integers(1, 3)))
    ]
    return made


@st.composite
def choice_events(draw: st.DrawFn, index: int = 0) -> list[ChatEvent]:
    """Draw all events of one choice with everything an answer can hold, in their order."""
    thoughts = draw(st.lists(_TEXT.filter(bool), max_size=3))
    said: list[ChatEvent] = [ReasoningDelta(text, index) for text in thoughts]
    for delta in draw(text_deltas):
        said.append(TextDelta(delta.text, index))
        if draw(st.booleans()):
            said.append(LogprobsDelta([_LOGPROB], index))
    images = range(draw(st.integers(0, 2)))
    said += [ImageDelta(f"data:image/png;base64,{i}", i, index) for i in images]
    if draw(st.booleans()):
        return [*said, *draw(calls(index)), Finish("tool_calls", "STOP", index=index)]
    if draw(st.booleans()):
        said.append(Sources([_CITATION], {"intent": "q"}, index))
    finish = draw(finishes)
    signature = draw(_SIGNATURES)
    return [*said, replace(finish, index=index, signature=signature)]


@st.composite
def many_choices(draw: st.DrawFn, choices: int) -> list[ChatEvent]:
    """Draw the events of several choices, one among the other; usage last."""
    waiting = [draw(choice_events(index)) for index in range(choices)]
    mixed: list[ChatEvent] = []
    while any(waiting):
        at = draw(st.sampled_from([i for i, events in enumerate(waiting) if events]))
        mixed.append(waiting[at].pop(0))
    return [*mixed, USAGE]


@st.composite
def answers(draw: st.DrawFn) -> list[ChatEvent]:
    """Draw the events of a whole answer of one choice, in order."""
    said: list[ChatEvent] = [*draw(text_deltas)]
    if draw(st.booleans()):
        said.append(draw(sources))
    prompt, completion, cached, reasoning = (draw(_COUNT) for _ in range(4))
    return [*said, draw(finishes), Usage(prompt, completion, cached, reasoning)]


@st.composite
def cut(draw: st.DrawFn, whole: Sequence[Any]) -> list[Any]:
    """Draw the pieces of `whole` (a string, bytes, a list) cut anywhere; none is empty."""
    marks = draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=8))
    edges = [0, *sorted(mark for mark in marks if mark < len(whole)), len(whole)]
    return [whole[start:end] for start, end in pairwise(edges) if end > start]


async def stream_of(batches: Iterable[list[ChatEvent]]) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the batches."""
    for batch in batches:
        yield batch


async def events_of(batches: AsyncGenerator[list[ChatEvent]]) -> list[ChatEvent]:
    """Return all events of a stream; no batch may be empty."""
    events: list[ChatEvent] = []
    async for batch in batches:
        assert batch
        events += batch
    return events


def text_in(events: Iterable[ChatEvent], index: int = 0) -> str:
    """Return the text of one choice."""
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.index == index)


def chunks_in(stream: bytes) -> list[dict[str, Any]]:
    """Return the JSON of every event, read as strictly as the specification allows."""
    events = stream.split(b"\n\n")
    assert events.pop() == b""
    assert all(event.startswith(b"data: ") and b"\n" not in event for event in events)
    return [orjson.loads(event[6:]) for event in events]


def folded(chunks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the chat completion that a client makes of its chunks."""
    whole: dict[str, Any] = {"choices": {}, "usage": None}
    for chunk in chunks:
        whole |= {key: chunk[key] for key in ("id", "created", "model")}
        whole["usage"] = chunk.get("usage") or whole["usage"]
        for choice in chunk["choices"]:
            made = whole["choices"].setdefault(choice["index"], {"message": {}})
            for key, value in choice["delta"].items():
                made["message"][key] = _after(made["message"].get(key), value)
            logprobs = _joined(made.get("logprobs"), choice["logprobs"])
            made |= {key: value for key, value in choice.items() if key != "delta"}
            made["logprobs"] = logprobs
    return {**whole, "choices": list(whole["choices"].values())}


def _after(before: Any, value: Any) -> Any:
    """Return what a field is after a delta: texts and lists grow, all else is replaced."""
    if isinstance(before, str) and isinstance(value, str):
        return before + value
    if isinstance(before, list) and isinstance(value, list):
        return [*before, *value]  # pyright: ignore[reportUnknownVariableType] - JSON
    return value


def _joined(before: dict[str, Any] | None, more: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return log probabilities with those that follow."""
    if before is None or more is None:
        return before or more
    return {**before, "content": [*before["content"], *more["content"]]}


def as_message(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a folded choice as the one a client gets that does not stream."""
    message: dict[str, Any] = {"annotations": [], **choice["message"]}
    for name in ("tool_calls", "images"):
        if name in message:
            places = [one["index"] for one in message[name]]
            assert places == list(range(len(places)))
            message[name] = [{k: v for k, v in o.items() if k != "index"} for o in message[name]]
    if not message["content"] and {"tool_calls", "function_call"} & message.keys():
        message["content"] = None
    return {**choice, "message": message}


def as_streamed(choices: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return whole choices without what a stream leaves out: the signature of the text."""
    return [
        {**one, "message": {k: v for k, v in one["message"].items() if k != "extra_content"}}
        for one in choices
    ]
