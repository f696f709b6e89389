"""Passages that the previous answer cited stay candidates for the next question.

"Yes, please" after an offer, or "and why?": what the next answer needs is often what the last one
rested on, and a fresh search finds something weaker. Nothing is stored: the sentences that the
previous answer cited are searched for again, which finds the passages that they were written from,
in the edition that is live now. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from proxy.corpus import Passage
from proxy.rag.budget import fitting
from proxy.rag.markers import MarkerScanner
from proxy.rag.turn import Retrieved
from proxy.rag.verification.claims import claims_of
from proxy.rag.verification.plain_text import plain

MAX_CARRIED = 3
_MAX_CHARS = 1_200
_ANY_NUMBER = 999


def cited_text(answer: str) -> tuple[str, int]:
    """Return what an answer said with markers behind it, and how many passages that cites."""
    scanner = MarkerScanner(_ANY_NUMBER)
    text = scanner.feed(answer) + scanner.finish()
    claims = claims_of(text, scanner.markers)
    said = " ".join(plain(claim.text) for claim in claims)[:_MAX_CHARS].strip()
    return said, len({marker.number for marker in scanner.markers})


def with_carried(
    found: Retrieved, carried: Sequence[Passage], *, top_k: int, max_context_tokens: int
) -> Retrieved:
    """Return what was found with the carried passages behind it, in the place of the weakest."""
    if found.status not in {"grounded", "no-match"}:
        return found
    ids = {passage.chunk.chunk_id for passage in found.passages}
    new = [passage for passage in carried if passage.chunk.chunk_id not in ids][:MAX_CARRIED]
    if not new:
        return found
    best, others = found.passages[:1], found.passages[1 : max(1, top_k - len(new))]
    kept = fitting((*best, *new, *others), max_context_tokens)
    behind = [passage for passage in kept if passage in new]
    passages = (*(passage for passage in kept if passage not in new), *behind)
    reason = found.reason if found.status == "grounded" else "previous-answer"
    return replace(found, status="grounded", passages=passages, reason=reason, nearby=())
