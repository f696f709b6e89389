"""Station 5: the answer's markers to annotations, its passages to `context`.

Source: https://platform.openai.com/docs/api-reference/chat (`url_citation`), Azure OpenAI "On Your
Data" (`context`). Offsets count Unicode code points of the whole text.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from proxy.corpus import Chunk, Passage
from proxy.ports import Embedder
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, ToolCallDelta, Usage
from proxy.rag.links import LinkTest
from proxy.rag.markers import Marker, MarkerScanner
from proxy.rag.sources import SourceLinks, title_of
from proxy.rag.turn import Retrieved
from proxy.rag.verification.answer import CheckedAnswer, CheckedClaim, check_answer
from proxy.rag.verification.fragments import with_fragment
from proxy.rag.verification.meaning import heard_again
from proxy.rag.verification.plain_text import Line

_CHECKED_AT_ONCE_CHARS = 1_500
"""Checking so much takes two milliseconds as a rule, a thread's start and end a third of one."""
_PLACES = ("start_index", "end_index")
_BRACKET, _ESCAPED = re.compile(r"[][\\]"), r"\\\g<0>"


async def cite(
    events: AsyncGenerator[list[ChatEvent]],
    retrieved: Retrieved,
    links: SourceLinks,
    *,
    is_known: LinkTest | None = None,
    marks: bool = True,
    append_sources: bool = False,
    embedder: Embedder | None = None,
) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the events with markers checked and `Sources` right before each `Finish`.

    `is_known` decides which links of the answer keep their target, None: all do. `marks` False: the
    text is data, in which brackets are no markers and nothing may be written. `embedder` compares
    meanings where words differ; None: words alone count.
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
                    scribe = scribes[event.index] = _Scribe(retrieved, links, is_known, marks=marks)
                if isinstance(event, Finish):
                    await scribe.close(
                        event.index, out, embedder, append_sources=append_sources and marks
                    )
                scribe.write(event, out)
            if out:
                yield out


class _Scribe:
    """Writes down the citations of one choice."""

    def __init__(
        self, retrieved: Retrieved, links: SourceLinks, is_known: LinkTest | None, *, marks: bool
    ) -> None:
        self._scanner = MarkerScanner(len(retrieved.passages), is_known)
        self._marks = marks
        self._retrieved = retrieved
        self._links = links
        self._said: list[str] = []
        """The text that went out, in pieces."""
        self._upstream: list[dict[str, Any]] = []
        """Annotations of the upstream's own search."""

    def write(self, event: ChatEvent, out: list[ChatEvent]) -> None:
        """Add to `out` what becomes of an event."""
        if isinstance(event, TextDelta) and self._marks:
            text = self._scanner.feed(event.text)
            if text is event.text:  # as of most pieces
                self._said.append(text)
                out.append(event)
            else:
                self._say(text, event.index, out)
        elif isinstance(event, ToolCallDelta):  # what was said before the call goes before it
            self._say(self._scanner.finish(), event.index, out)
            out.append(event)
        elif isinstance(event, Sources):
            self._upstream = event.annotations
        else:
            out.append(event)

    async def close(
        self, index: int, out: list[ChatEvent], embedder: Embedder | None, *, append_sources: bool
    ) -> None:
        """Add to `out` what was held back, and the sources."""
        self._say(self._scanner.finish(), index, out)
        has_context = bool(self._retrieved.passages or self._retrieved.explain)
        if not has_context and not self._upstream:
            return
        markers = self._scanner.markers
        checked = await self._checked(embedder) if markers else CheckedAnswer()
        if append_sources and (listed := self._source_list()):
            out.append(TextDelta(listed, index))
        annotations = [
            self._annotation(marker, line)
            for marker, line in zip(markers, checked.lines, strict=True)
        ]
        context = self._context(checked) if has_context else None
        files = [self._file_citation(marker) for marker in markers]
        found_upstream = [self._moved(annotation) for annotation in self._upstream]
        quotes = [line and line.text for line in checked.lines]
        doubted = checked.doubts
        doubts = [doubted.get(marker, ()) for marker in markers]
        cited = [*annotations, *found_upstream]
        out.append(Sources(cited, context, index, files, quotes, doubts))

    async def _checked(self, embedder: Embedder | None) -> CheckedAnswer:
        passages, said = self._retrieved.passages, "".join(self._said)
        markers = self._scanner.markers
        if len(said) <= _CHECKED_AT_ONCE_CHARS:
            checked = check_answer(said, markers, passages)
        else:
            checked = await asyncio.to_thread(check_answer, said, markers, passages)
        return await heard_again(checked, passages, embedder) if embedder else checked

    def _say(self, text: str, index: int, out: list[ChatEvent]) -> None:
        if text:
            self._said.append(text)
            out.append(TextDelta(text, index))

    def _annotation(self, marker: Marker, line: Line | None) -> dict[str, Any]:
        chunk = self._passage(marker.number).chunk
        url = self._links.url(chunk)
        citation = {
            "start_index": marker.start,
            "end_index": marker.end,
            "title": title_of(chunk),
            "url": with_fragment(url, line) if chunk.url else url,
        }
        return {"type": "url_citation", "url_citation": citation}

    def _moved(self, annotation: dict[str, Any]) -> dict[str, Any]:
        """Return an annotation of the upstream's text for the text that went out."""
        cited = annotation["url_citation"]
        places = {name: self._scanner.moved(cited[name]) for name in _PLACES if name in cited}
        return {**annotation, "url_citation": {**cited, **places}}

    def _file_citation(self, marker: Marker) -> dict[str, Any]:
        chunk = self._passage(marker.number).chunk
        return {
            "type": "file_citation",
            "file_id": chunk.book,
            "filename": chunk.document_id,
            "index": marker.start,
        }

    def _context(self, checked: CheckedAnswer) -> dict[str, Any]:
        context: dict[str, Any] = {
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
        if self._retrieved.explain:
            context["explain"] = self._retrieved.explain
        if checked.claims:
            context["unsupported"] = [_unsupported(each) for each in checked.unsupported]
        return context

    def _source_list(self) -> str:
        used = sorted({marker.number for marker in self._scanner.markers})
        if not used:
            return ""
        lines = [f"- [{n}] {self._linked(self._passage(n).chunk)}" for n in used]
        return "\n\n**Sources**\n\n" + "\n".join(lines)

    def _linked(self, chunk: Chunk) -> str:
        title, url = _BRACKET.sub(_ESCAPED, title_of(chunk)), self._links.url(chunk)
        return f"[{title}]({url})" if url else title

    def _passage(self, number: int) -> Passage:
        return self._retrieved.passages[number - 1]


def _unsupported(checked: CheckedClaim) -> dict[str, Any]:
    claim = checked.claim
    return {
        "start_index": claim.start,
        "end_index": claim.end,
        "citations": claim.numbers,
        "reasons": list(checked.reasons),
    }
