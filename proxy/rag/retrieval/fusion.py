"""Two lists to one: what a search by meaning and a search by words found. Pure.

Source: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), for the
convex combination; Cormack, Clarke & Büttcher (2009) for reciprocal ranks. The constants were
chosen on questions about three manuals and two sets of abstracts (`evaluation/README.md`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from proxy.queries import Hit

MEANING_SHARE = 0.65
"""Of the convex combination; the rest is for words."""
RRF_K = 60
PAGE_SHARE = 0.1
"""What the further chunks of a page add to each of its chunks: a page that answers in several
places is more likely the one."""
_PAGE_CHUNKS = 4
"""Chunks of a page that count at most."""


@dataclass(slots=True)
class Candidate:
    """A chunk that was found, with what speaks for it."""

    chunk_id: str
    book: str
    document_id: str
    score: float
    """Among the candidates of one question; higher is better."""
    by_meaning: float | None
    """Cosine; None: not among the nearest."""
    by_terms: float | None
    """BM25; None: not among the best."""

    def scored(self, score: float) -> "Candidate":
        """Return it with another score; `dataclasses.replace` takes five times as long."""
        return Candidate(
            self.chunk_id, self.book, self.document_id, score, self.by_meaning, self.by_terms
        )


def convex(meaning: Sequence[Hit], terms: Sequence[Hit], limit: int) -> list[Candidate]:
    """Return the union, best first, by the weighted sum of scores, each divided by its list's best.

    `limit` is how many were asked for: a chunk that is missing from a full list scores at most what
    the last of it does, and that is what it gets.
    """
    near, missing_near = _shares(meaning, limit)
    told, missing_told = _shares(terms, limit)

    def score(chunk_id: str) -> float:
        by_meaning = near.get(chunk_id, missing_near)
        return MEANING_SHARE * by_meaning + (1 - MEANING_SHARE) * told.get(chunk_id, missing_told)

    return _united(meaning, terms, score)


def reciprocal_ranks(meaning: Sequence[Hit], terms: Sequence[Hit]) -> list[Candidate]:
    """Return the union, best first, by ranks alone: for scores that cannot be compared."""
    ranks: dict[str, float] = {}
    for hits in (meaning, terms):
        for rank, hit in enumerate(hits, start=1):
            ranks[hit.chunk_id] = ranks.get(hit.chunk_id, 0.0) + 1 / (RRF_K + rank)
    best = 2 / (RRF_K + 1)
    return _united(meaning, terms, lambda chunk_id: ranks[chunk_id] / best)


def with_pages(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates (best first) in order again, each with a share of its page's others."""
    if not candidates:
        return []
    usual = median(candidate.score for candidate in candidates)
    pages: dict[tuple[str, str], list[float]] = {}
    for candidate in candidates:
        pages.setdefault((candidate.book, candidate.document_id), []).append(candidate.score)
    bonus = {
        page: PAGE_SHARE * sum(max(0.0, score - usual) for score in scores[1:_PAGE_CHUNKS])
        for page, scores in pages.items()
    }
    raised = (c.scored(c.score + bonus[c.book, c.document_id]) for c in candidates)
    return sorted(raised, key=_order)


def _shares(hits: Sequence[Hit], limit: int) -> tuple[Mapping[str, float], float]:
    """Return each hit's share of the best score, and what a chunk gets that is not among them.

    In a list that is not full that is half of the least: the chunk has none of the words, which
    must tell it from those that have even where all of these score the same.
    """
    best = max((hit.score for hit in hits), default=0.0)
    if best <= 0:
        return {}, 0.0
    shares = {hit.chunk_id: max(0.0, hit.score / best) for hit in hits}
    least = min(shares.values())
    return shares, least if len(hits) >= limit else least / 2


def _united(
    meaning: Sequence[Hit], terms: Sequence[Hit], score: Callable[[str], float]
) -> list[Candidate]:
    by_meaning = {hit.chunk_id: hit.score for hit in meaning}
    by_terms = {hit.chunk_id: hit.score for hit in terms}
    found = {hit.chunk_id: hit for hit in (*meaning, *terms)}
    candidates = [
        Candidate(
            chunk_id,
            hit.book,
            hit.document_id,
            score(chunk_id),
            by_meaning.get(chunk_id),
            by_terms.get(chunk_id),
        )
        for chunk_id, hit in found.items()
    ]
    return sorted(candidates, key=_order)


def _order(candidate: Candidate) -> tuple[float, str]:
    return -candidate.score, candidate.chunk_id
