"""What an answer has come to while its events go by, and the citations that its readers see."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

_NUMBER = re.compile(r"\d+")


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
        if self.sources is None or self.sources.context is None:
            return []
        return cited(self.whole_text, self.sources.annotations, self.sources.context["citations"])


def cited(
    text: str, annotations: Sequence[Mapping[str, Any]], passages: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return `{index, text, source, page_url, title, ends}` of every passage with a marker.

    `annotations` say where the markers are; `[n]` is `passages[n - 1]`. `ends` are the places
    behind its markers, in code points of the text.
    """
    ends: dict[int, list[int]] = {}
    for annotation in annotations:
        place = annotation.get("url_citation", {})
        start, end = place.get("start_index", 0), place.get("end_index", 0)
        for number in _NUMBER.findall(text[start:end]):
            ends.setdefault(int(number), []).append(end)
    return [
        {
            "index": n,
            "text": passages[n - 1]["content"],
            "source": passages[n - 1]["filepath"],
            "page_url": passages[n - 1]["url"],
            "title": passages[n - 1]["title"],
            "ends": ends[n],
        }
        for n in sorted(ends)
        if 0 < n <= len(passages)
    ]
