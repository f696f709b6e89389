"""Station 5: the answer's markers to annotations, its passages to `context`.

Source: https://platform.openai.com/docs/api-reference/chat (`url_citation`), Azure OpenAI "On Your
Data" (`context`). Offsets count Unicode code points of the whole text.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from proxy.corpus import Passage
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, ToolCallDelta, Usage
from proxy.rag.markers import Marker, MarkerScanner
from proxy.rag.sources import SourceLinks, title_of
from proxy.rag.turn import Retrieved

_BRACKET, _ESCAPED = re.compile(r"[][\\]"), r"\\\g<0>"


async def cite(
    events: AsyncGenerator[list[ChatEvent]],
    retrieved: Retrieved,
    links: SourceLinks,
    *,
    marks: bool = True,
    append_sources: bool = False,
) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the events with markers checked and `Sources` right before each `Finish`.

    `marks` False: the text is data, in which brackets are no markers and nothing may be written.
    """
    scribes: dict[int, _Scribe] = {}
    async with aclosing(events):
        async for batch in events:
            out: list[ChatEvent] = []
            for event in batch:
                if isinstance(event, Usage):
                    out.append(event)
                    continue
                scribe = scribes.get(event.index)
                if scribe is None:
                    scribe = scribes[event.index] = _Scribe(retrieved, links, marks=marks)
                scribe.write(event, out, append_sources=append_sources and marks)
            if out:
                yield out


class _Scribe:
    """Writes down the citations of one choice."""

    def __init__(self, retrieved: Retrieved, links: SourceLinks, *, marks: bool) -> None:
        self._scanner = MarkerScanner(len(retrieved.passages))
        self._marks = marks
        self._retrieved = retrieved
        self._links = links
        self._upstream: list[dict[str, Any]] = []
        """Annotations of the upstream's own search."""

    def write(self, event: ChatEvent, out: list[ChatEvent], *, append_sources: bool) -> None:
        """Add to `out` what becomes of an event."""
        if isinstance(event, TextDelta) and self._marks:
            if text := self._scanner.feed(event.text):
                out.append(TextDelta(text, event.index))
        elif isinstance(event, ToolCallDelta):  # what was said before the call goes before it
            if text := self._scanner.finish():
                out.append(TextDelta(text, event.index))
            out.append(event)
        elif isinstance(event, Sources):
            self._upstream = event.annotations
        elif isinstance(event, Finish):
            out += self._close(event.index, append_sources=append_sources)
            out.append(event)
        else:
            out.append(event)

    def _close(self, index: int, *, append_sources: bool) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        text = self._scanner.finish()
        if append_sources:
            text += self._source_list()
        if text:
            events.append(TextDelta(text, index))
        annotations = [self._annotation(marker) for marker in self._scanner.markers]
        context = self._context() if self._retrieved.passages else None
        if context or self._upstream:
            files = [self._file_citation(marker) for marker in self._scanner.markers]
            events.append(Sources([*annotations, *self._upstream], context, index, files))
        return events

    def _annotation(self, marker: Marker) -> dict[str, Any]:
        chunk = self._passage(marker.number).chunk
        citation = {
            "start_index": marker.start,
            "end_index": marker.end,
            "title": title_of(chunk),
            "url": self._links.url(chunk),
        }
        return {"type": "url_citation", "url_citation": citation}

    def _file_citation(self, marker: Marker) -> dict[str, Any]:
        chunk = self._passage(marker.number).chunk
        return {
            "type": "file_citation",
            "file_id": chunk.book,
            "filename": chunk.document_id,
            "index": marker.start,
        }

    def _context(self) -> dict[str, Any]:
        return {
            "intent": self._retrieved.query,
            "citations": [
                {
                    "content": passage.chunk.text,
                    "title": title_of(passage.chunk),
                    "url": self._links.url(passage.chunk),
                    "filepath": passage.chunk.document_id,
                    "chunk_id": passage.chunk.chunk_id,
                    "score": round(passage.score, 4),
                }
                for passage in self._retrieved.passages
            ],
        }

    def _source_list(self) -> str:
        used = sorted({marker.number for marker in self._scanner.markers})
        if not used:
            return ""
        lines = [
            f"- [{n}] [{_BRACKET.sub(_ESCAPED, title_of(chunk))}]({self._links.url(chunk)})"
            for n in used
            for chunk in (self._passage(n).chunk,)
        ]
        return "\n\n**Sources**\n\n" + "\n".join(lines)

    def _passage(self, number: int) -> Passage:
        return self._retrieved.passages[number - 1]
