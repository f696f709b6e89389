"""Whether an edition may replace the live one: it is whole, and what was found is found still.

Canaries are questions whose page is known. An author may give some; where pages are cut anew
because the recipe changed, headings of pages that both editions have are asked as well.
"""

import hashlib
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from proxy.corpus import Chunk, Manifest
from proxy.deadline import Deadline
from proxy.errors import Conflict
from proxy.ports import EditionDraft, Embedder
from proxy.queries import FloatVector

MARGIN = 0.1
"""How much of its recall an edition may lose, by default."""
FOUND_WITHIN = 10
"""Places from the top in which a canary's page is looked for."""
_MAX_SAMPLED = 50
_BATCH_TEXTS = 50
_LIMIT_S = 120.0


class EditionRejected(Conflict):
    """A new edition is worse than the live one, which stays."""

    code = "edition_rejected"


@dataclass(frozen=True, slots=True)
class Canary:
    """A question, and the document that answers it."""

    question: str
    document_id: str


@dataclass(slots=True)
class Canaries:
    """The questions that a new edition is asked before it is published."""

    given: Sequence[Canary] = ()
    margin: float = MARGIN
    _sampled: list[tuple[bytes, Canary]] = field(default_factory=list[tuple[bytes, Canary]])

    def sample(self, chunks: Sequence[Chunk]) -> None:
        """Consider a document's headings: few of a large book are kept, the same ones each time."""
        for chunk in chunks:
            weight = hashlib.sha256(chunk.chunk_id.encode()).digest()
            canary = Canary(" ".join(chunk.heading_path), chunk.document_id)
            if all(canary != known for _, known in self._sampled):
                self._sampled.append((weight, canary))
        self._sampled = heapq.nsmallest(_MAX_SAMPLED, self._sampled, key=lambda one: one[0])

    async def inspect(
        self, draft: EditionDraft, manifest: Manifest, live: Manifest | None, embedder: Embedder
    ) -> None:
        """Return when the draft, made by `manifest`, may be published.

        Raises:
            EditionRejected: chunks are missing, or its recall is lower by more than the margin.
            ProxyError: the embedder or the store failed.
        """
        stored, wanted = await draft.count(), sum(one.chunks for one in manifest.documents.values())
        if stored != wanted:
            raise EditionRejected(
                f"The new edition holds {stored} of {wanted} chunks; it was not published"
            )
        both = set(manifest.documents).intersection(live.documents if live else ())
        asked = [*self.given, *(canary for _, canary in self._sampled)]
        asked = [canary for canary in asked if canary.document_id in both]
        if not asked:
            return
        vectors = await _vectors(asked, embedder)
        new = await _recall(draft, asked, vectors, of_live=False)
        old = await _recall(draft, asked, vectors, of_live=True)
        if new < old - self.margin:
            raise EditionRejected(
                f"The new edition finds the page of {new:.0%} of {len(asked)} questions, the live"
                f" one of {old:.0%}; it was not published"
            )


async def _recall(
    draft: EditionDraft, asked: Sequence[Canary], vectors: Sequence[FloatVector], *, of_live: bool
) -> float:
    """Return the share of questions whose document is found."""
    found = 0
    for canary, vector in zip(asked, vectors, strict=True):
        nearest = await draft.find(vector, limit=FOUND_WITHIN, of_live=of_live)
        found += canary.document_id in nearest
    return found / len(asked)


async def _vectors(asked: Sequence[Canary], embedder: Embedder) -> list[FloatVector]:
    vectors: list[FloatVector] = []
    for start in range(0, len(asked), _BATCH_TEXTS):
        questions = [canary.question for canary in asked[start : start + _BATCH_TEXTS]]
        embedded = await embedder.embed(questions, role="query", deadline=Deadline.after(_LIMIT_S))
        vectors += list(embedded.vectors)
    return vectors
