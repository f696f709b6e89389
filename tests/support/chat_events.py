"""Answers as events, for tests of what comes behind a generator; and a client that folds chunks."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import strategies as st

from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, Usage

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
                before = made["message"].get(key)
                made["message"][key] = before + value if isinstance(before, str) else value
            made |= {key: value for key, value in choice.items() if key != "delta"}
    return {**whole, "choices": list(whole["choices"].values())}
