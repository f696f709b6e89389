"""What an answer has come to while its events go by, and the citations that its readers see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from proxy.protocol.chat_events import (
    AnsweredBy,
    ChatEvent,
    Finish,
    Sources,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from proxy.protocol.citation_places import numbers_cited


@dataclass(slots=True)
class AnswerSoFar:
    """Feed it every batch, in order."""

    model: str
    text: list[str] = field(default_factory=list[str])
    sources: Sources | None = None
    call: ToolCallDelta | None = None
    """The first one: conversations go on with one result at a time."""
    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)

    def feed(self, batch: list[ChatEvent]) -> None:
        """Take a batch."""
        for event in batch:
            if isinstance(event, TextDelta):
                self.text.append(event.text)
            elif isinstance(event, ToolCallDelta):
                self.call = self.call or event
            elif isinstance(event, Sources):
                self.sources = event
            elif isinstance(event, Finish):
                self.finish_reason = event.reason
            elif isinstance(event, Usage):
                self.usage = event
            elif isinstance(event, AnsweredBy):
                self.model = event.model

    @property
    def whole_text(self) -> str:
        """Return all of the text so far."""
        return "".join(self.text)

    def citations(self) -> list[dict[str, Any]]:
        """Return the passages that the answer cites, in the order of their numbers."""
        sources = self.sources
        if sources is None or sources.context is None:
            return []
        passages = sources.context["citations"]
        return cited(self.whole_text, sources.annotations, passages, sources.quotes, sources.doubts)


def cited(
    text: str,
    annotations: Sequence[Mapping[str, Any]],
    passages: Sequence[Mapping[str, Any]],
    quotes: Sequence[str | None] = (),
    doubts: Sequence[Sequence[str]] = (),
) -> list[dict[str, Any]]:
    """Return the passages cited, each `{index, text, source, page_url, title}` and four lists.

    `annotations` say where the markers are; `[n]` is `passages[n - 1]`. The lists have an entry for
    each of a passage's markers: `ends`, the place behind it, in code points of the text; `quotes`,
    the line of the passage that says it; `links`, the way to that line on its page; `doubts`, why
    the passage does not support the sentence, empty where nothing speaks against it.
    """
    marks: dict[int, list[dict[str, Any]]] = {}
    known = len(annotations)
    for annotation, quote, doubted in zip_longest(annotations, quotes[:known], doubts[:known]):
        place = annotation.get("url_citation", {})
        mark = {
            "ends": place.get("end_index", 0),
            "quotes": quote,
            "links": place.get("url"),
            "doubts": list(doubted or ()),
        }
        for number in numbers_cited(text, annotation):
            marks.setdefault(number, []).append(mark)
    return [
        {
            "index": n,
            "text": passages[n - 1]["content"],
            "source": passages[n - 1]["filepath"],
            "page_url": passages[n - 1]["url"],
            "title": passages[n - 1]["title"],
            **{name: [mark[name] for mark in marks[n]] for name in marks[n][0]},
        }
        for n in sorted(marks)
        if 0 < n <= len(passages)
    ]
