"""What a fake Gemini can be told to answer: small values that combine.

A reply has `play(wire, request)`. `Reset`, `Close` and `Stall` are replies of their own (a fault
before the headers) and items of a `Stream` (the same fault after what went before).

Two streams, as examples: one that is cut after two pieces of text, and one that waits for the test
after the first::

    fake.reply(Stream(["It ", "says", Reset()]), Stream(["It ", gate, "says so. [1]"]))
"""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import orjson

from tests.support import gemini_events as events
from tests.support.gemini_requests import RecordedRequest
from tests.support.http_wire import Wire

JSON_HEADERS = {"content-type": "application/json; charset=UTF-8", "vary": "Origin"}
SSE_HEADERS = {"content-type": "text/event-stream", "vary": "Origin"}


@runtime_checkable
class Reply(Protocol):
    """Something that answers a request, rightly or wrongly."""

    async def play(self, wire: Wire, request: RecordedRequest, /) -> None:
        """Answer; whoever calls it ends the connection when this raises."""
        ...


@runtime_checkable
class Waitable(Protocol):
    """Something to stop at: a `Gate`, an `asyncio.Event`, a `Pause`."""

    async def wait(self) -> object:
        """Return when the script may go on."""
        ...


StreamItem = str | Mapping[str, Any] | bytes | Waitable | Reply
"""A piece of text, an event as JSON, bytes as they are, a stop, or a fault."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop that ends by itself."""

    seconds: float

    async def wait(self) -> None:
        """Let the time pass."""
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True, slots=True)
class Reset:
    """End the connection with an RST."""

    async def play(self, wire: Wire, _request: RecordedRequest) -> None:
        """Do it."""
        wire.reset()


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection in an orderly way on TCP's level, whatever HTTP had promised."""

    async def play(self, wire: Wire, _request: RecordedRequest) -> None:
        """Do it."""
        wire.close()


@dataclass(frozen=True, slots=True)
class Stall:
    """Say nothing more until the client gives up."""

    async def play(self, wire: Wire, _request: RecordedRequest) -> None:
        """Do nothing."""
        await wire.until_gone()


@dataclass(frozen=True, slots=True)
class After:
    """Answer only after a stop: slow headers."""

    stop: Waitable
    reply: Reply

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Wait, then answer."""
        await wire.unless_gone(self.stop.wait())
        await self.reply.play(wire, request)


@dataclass(frozen=True, slots=True)
class Body:
    """Answer with bytes as they are."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_HEADERS)
    cut_at_bytes: int | None = None
    """Where `then` happens instead of the rest, which the Content-Length has promised."""
    then: Reply = Close()

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        await wire.start(self.status, self.headers, length_bytes=len(self.data))
        await wire.write(self.data[: self.cut_at_bytes])
        if self.cut_at_bytes is not None:
            await self.then.play(wire, request)


def html(status: int = 200, text: str = "<!doctype html><title>Sign in</title>") -> Body:
    """Return a page such as proxies and captive portals put in the way."""
    return Body(text.encode(), status, {"content-type": "text/html; charset=UTF-8"})


def json_body(payload: object, status: int = 200) -> Body:
    """Return a whole JSON answer."""
    return Body(orjson.dumps(payload, option=orjson.OPT_INDENT_2), status)


@dataclass(frozen=True, slots=True)
class Framing:
    """How events become bytes; the defaults are what the real one does."""

    prefix: str = "data: "
    newline: str = "\r\n"
    write_bytes: int | None = None
    """Size of the HTTP chunks; None: one for each event."""

    def frame(self, event: Mapping[str, Any]) -> bytes:
        """Return one server-sent event. Text stays unescaped, line separators of Unicode too."""
        written = json.dumps(event, ensure_ascii=False)
        return f"{self.prefix}{written}{self.newline * 2}".encode()

    def pieces(self, data: bytes) -> list[bytes]:
        """Return `data` cut as it is to be written."""
        size = self.write_bytes or max(1, len(data))
        return [data[start : start + size] for start in range(0, len(data), size)]


@dataclass(frozen=True, slots=True)
class Stream:
    """Answer with a stream of events.

    The last item of a sequence, if it is text, carries `finish`; so `finish=None`, or another item
    at the end, makes a stream that stops without saying why. An iterator may be endless and never
    finishes. Every event with text carries usage, as the real ones do.
    """

    items: Iterable[StreamItem]
    finish: str | None = "STOP"
    gap_s: float = 0.0
    """Time between events."""
    gate: Waitable | None = None
    """Where to stop after the first item."""
    framing: Framing = Framing()
    thoughts: int = 0
    """Tokens of thought to report."""

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it.

        Raises:
            TypeError: the request is not for a stream, the script is wrong.
        """
        if request.operation != "streamGenerateContent":
            raise TypeError(f"the script has a Stream for a {request.operation}")
        if not request.is_sse:
            await self._play_array(wire, request)
            return
        await wire.start(200, SSE_HEADERS, length_bytes=None)
        prompt, said = events.tokens_of(request.all_text), ""
        last = len(self.items) - 1 if isinstance(self.items, Sequence) else None
        for position, item in enumerate(self.items):
            if position and self.gap_s:
                await wire.unless_gone(Pause(self.gap_s).wait())
            if position == 1 and self.gate is not None:
                await wire.unless_gone(self.gate.wait())
            if isinstance(item, str):
                said += item
                event = events.text_event(item, finish=self.finish if position == last else None)
                await self._send(wire, request, {**event, **self._tail(request, prompt, said)})
            else:
                await self._send(wire, request, item)
        await wire.finish()

    async def _send(self, wire: Wire, request: RecordedRequest, item: StreamItem) -> None:
        if isinstance(item, Reply):
            await item.play(wire, request)
        elif isinstance(item, Waitable):
            await wire.unless_gone(item.wait())
        else:
            assert not isinstance(item, str)
            data = item if isinstance(item, bytes) else self.framing.frame(item)
            for piece in self.framing.pieces(data):
                await wire.write(piece)

    async def _play_array(self, wire: Wire, request: RecordedRequest) -> None:
        """Without `alt=sse` the real one sends the same events as one JSON array."""
        texts = [item for item in self.items if isinstance(item, str)]
        tail = self._tail(request, events.tokens_of(request.all_text), "".join(texts))
        finishes = [*(None for _ in texts[1:]), self.finish]
        whole = [
            {**events.text_event(text, finish=finish), **tail}
            for text, finish in zip(texts, finishes, strict=True)
        ]
        await json_body(whole).play(wire, request)

    def _tail(self, request: RecordedRequest, prompt: int, said: str) -> dict[str, Any]:
        counted = events.usage(
            prompt=prompt, candidates=events.tokens_of(said), thoughts=self.thoughts
        )
        return {
            "usageMetadata": counted,
            "modelVersion": request.model,
            "responseId": f"fake-{request.number}",
        }


@dataclass(frozen=True, slots=True)
class Text:
    """Answer with a text, whole or streamed word by word, as the request asks."""

    text: str
    finish: str = "STOP"
    thoughts: int = 0

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        if request.operation == "streamGenerateContent":
            words = re.findall(r"\S+\s*|\s+", self.text) or [""]
            stream = Stream(words, finish=self.finish, thoughts=self.thoughts)
            await stream.play(wire, request)
            return
        counted = events.usage(
            prompt=events.tokens_of(request.all_text),
            candidates=events.tokens_of(self.text),
            thoughts=self.thoughts,
        )
        answer = {
            **events.text_event(self.text, finish=self.finish),
            "usageMetadata": counted,
            "modelVersion": request.model,
            "responseId": f"fake-{request.number}",
        }
        await json_body(answer).play(wire, request)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with these events: as a stream, or the one event as a whole."""

    events: Sequence[Mapping[str, Any]]

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        if request.operation == "streamGenerateContent":
            await Stream(list(self.events)).play(wire, request)
        else:
            (whole,) = self.events
            await json_body(dict(whole)).play(wire, request)
