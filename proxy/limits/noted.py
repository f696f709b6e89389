"""What the log of questions keeps of one answer, while it is being written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from proxy.protocol.chat_events import ChatEvent, Sources, TextDelta
from proxy.protocol.citation_places import numbers_cited
from proxy.store import SeenPassage


@dataclass(slots=True)
class Noted:
    """Feed it every batch, in order."""

    question: str = ""
    """What the book was searched for; "" where it was not."""
    rag_status: str = ""
    _passages: Mapping[int, SeenPassage] = field(default_factory=dict[int, SeenPassage])
    _texts: defaultdict[int, list[str]] = field(
        default_factory=lambda: defaultdict[int, list[str]](list)
    )
    """By choice."""
    _cited: set[int] = field(default_factory=set[int])

    def looked_up(
        self, rag_status: str, question: str, passages: Mapping[int, SeenPassage]
    ) -> None:
        """Take what the book had for the question; `passages` by the number of their markers."""
        self.rag_status, self.question, self._passages = rag_status, question, passages

    def feed(self, batch: Sequence[ChatEvent]) -> None:
        """Take a batch of the answer."""
        for event in batch:
            if isinstance(event, TextDelta):
                self._texts[event.index].append(event.text)
            elif isinstance(event, Sources):
                said = "".join(self._texts[event.index])
                for annotation in event.annotations:
                    self._cited.update(numbers_cited(said, annotation))

    @property
    def text(self) -> str:
        """Return the text so far, one choice behind the other."""
        return "".join(piece for pieces in self._texts.values() for piece in pieces)

    @property
    def passages(self) -> Sequence[SeenPassage]:
        """Return the passages, cited or not, in the order of their numbers."""
        return [
            replace(seen, is_cited=number in self._cited)
            for number, seen in sorted(self._passages.items())
        ]
