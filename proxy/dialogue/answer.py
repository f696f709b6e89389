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
        return cited(self.whole_text, sources.annotations, passages, sources.quotes)


def cited(
    text: str,
    annotations: Sequence[Mapping[str, Any]],
    passages: Sequence[Mapping[str, Any]],
    quotes: Sequence[str | None] = (),
) -> list[dict[str, Any]]:
    """Return `{index, text, source, page_url, title, ends, quotes, links}` of every passage cited.

    `annotations` say where the markers are; `[n]` is `passages[n - 1]`. `ends` are the places
    behind its markers, in code points of the text; for each of them `quotes` has the line of the
    passage that says it, and `links` leads to that line on its page.
    """
    marks: dict[int, list[tuple[int, str | None, str | None]]] = {}
    for annotation, quote in zip_longest(annotations, quotes[: len(annotations)]):
        place = annotation.get("url_citation", {})
        for number in numbers_cited(text, annotation):
            marks.setdefault(number, []).append(
                (place.get("end_index", 0), quote, place.get("url"))
            )
    return [
        {
            "index": n,
            "text": passages[n - 1]["content"],
            "source": passages[n - 1]["filepath"],
            "page_url": passages[n - 1]["url"],
            "title": passages[n - 1]["title"],
            "ends": [end for end, _, _ in marks[n]],
            "quotes": [quote for _, quote, _ in marks[n]],
            "links": [link for _, _, link in marks[n]],
        }
        for n in sorted(marks)
        if 0 < n <= len(passages)
    ]
