"""Station 5: the answer's markers to annotations, its passages to `context`.

Source: https://platform.openai.com/docs/api-reference/chat (`url_citation`), Azure OpenAI "On Your
Data" (`context`). Offsets count Unicode code points of the whole text.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from proxy.corpus import Passage
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta
from proxy.rag.markers import Marker, MarkerScanner
from proxy.rag.sources import SourceLinks, title_of
from proxy.rag.turn import Retrieved

_BRACKET, _ESCAPED = re.compile(r"[][\\]"), r"\\\g<0>"


async def cite(
    events: AsyncGenerator[list[ChatEvent]],
    retrieved: Retrieved,
    links: SourceLinks,
    *,
    append_sources: bool,
) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the events with markers checked and `Sources` right before each `Finish`."""
    scribes: dict[int, _Scribe] = {}
    async with aclosing(events):
        async for batch in events:
            out: list[ChatEvent] = []
            for event in batch:
                if isinstance(event, TextDelta):
                    scribe = scribes.setdefault(event.index, _Scribe(retrieved, links))
                    if text := scribe.scanner.feed(event.text):
                        out.append(TextDelta(text, event.index))
                elif isinstance(event, Finish):
                    scribe = scribes.setdefault(event.index, _Scribe(retrieved, links))
                    out += scribe.close(event.index, append_sources=append_sources)
                    out.append(event)
                else:
                    out.append(event)
            if out:
                yield out


class _Scribe:
    """Writes down the citations of one choice."""

    def __init__(self, retrieved: Retrieved, links: SourceLinks) -> None:
        self.scanner = MarkerScanner(len(retrieved.passages))
        self._retrieved = retrieved
        self._links = links

    def close(self, index: int, *, append_sources: bool) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        text = self.scanner.finish()
        if append_sources:
            text += self._source_list()
        if text:
            events.append(TextDelta(text, index))
        if self._retrieved.passages:
            annotations = [self._annotation(marker) for marker in self.scanner.markers]
            events.append(Sources(annotations, self._context(), index))
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
        used = sorted({marker.number for marker in self.scanner.markers})
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
