"""Two lists to one: what a search by meaning and a search by words found. Pure.

Source: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), for the
convex combination; Cormack, Clarke & Büttcher (2009) for reciprocal ranks. The constants were
chosen on questions about three manuals and two sets of abstracts (`evaluation/README.md`).
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import median
from typing import NamedTuple

from proxy.queries import Hit

MEANING_SHARE = 0.65
"""Of the convex combination; the rest is for words."""
RRF_K = 60
PAGE_SHARE = 0.1
"""What the further chunks of a page add to each of its chunks: a page that answers in several
places is more likely the one."""
_PAGE_CHUNKS = 4
"""Chunks of a page that count at most."""

Scores = dict[str, float]
"""By chunk id, best first, ties by id. Two hundred candidates are ordered twice for a question, and
numbers are ordered in a fifth of the time that objects take."""


class Candidate(NamedTuple):
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


def convex(meaning: Sequence[Hit], terms: Sequence[Hit], limit: int) -> Scores:
    """Return the union by the weighted sum of scores, each divided by its list's best.

    `limit` is how many were asked for: a chunk that is missing from a full list scores at most what
    the last of it does, and that is what it gets.
    """
    near, missing_near = _shares(meaning, limit)
    told, missing_told = _shares(terms, limit)
    words_share = 1 - MEANING_SHARE
    return _best_first(
        {
            chunk_id: MEANING_SHARE * near.get(chunk_id, missing_near)
            + words_share * told.get(chunk_id, missing_told)
            for chunk_id, _, _, _ in chain(meaning, terms)
        }
    )


def reciprocal_ranks(meaning: Sequence[Hit], terms: Sequence[Hit]) -> Scores:
    """Return the union by ranks alone: for scores that cannot be compared."""
    ranks: Scores = {}
    for hits in (meaning, terms):
        for rank, hit in enumerate(hits, start=1):
            ranks[hit.chunk_id] = ranks.get(hit.chunk_id, 0.0) + 1 / (RRF_K + rank)
    best = 2 / (RRF_K + 1)
    return _best_first({chunk_id: score / best for chunk_id, score in ranks.items()})


def with_pages(scores: Scores, *found: Sequence[Hit]) -> Scores:
    """Return the scores, each with a share of those of its page's others; `found` says where."""
    if not scores:
        return scores
    usual = median(scores.values())
    page_of = _page_of(*found)
    pages: dict[tuple[str, str], list[float]] = {}
    for chunk_id, score in scores.items():
        page = page_of[chunk_id]
        if page in pages:
            pages[page].append(score)
        else:
            pages[page] = [score]
    bonus = {
        page: PAGE_SHARE * sum(max(0.0, score - usual) for score in on_page[1:_PAGE_CHUNKS])
        for page, on_page in pages.items()
        if len(on_page) > 1
    }
    return _best_first(
        {chunk_id: score + bonus.get(page_of[chunk_id], 0.0) for chunk_id, score in scores.items()}
    )


def on_scale(scores: Scores, match: float) -> Scores:
    """Return the scores on an absolute scale: the best one becomes `match`."""
    best = next(iter(scores.values()), 0.0)
    if best <= 0:
        return scores
    width = abs(match)
    return {chunk_id: match - (1 - score / best) * width for chunk_id, score in scores.items()}


def candidates_of(scores: Scores, meaning: Sequence[Hit], terms: Sequence[Hit]) -> list[Candidate]:
    """Return the candidates in the order of `scores`."""
    near = {hit.chunk_id: hit.score for hit in meaning}
    told = {hit.chunk_id: hit.score for hit in terms}
    page_of = _page_of(meaning, terms)
    return [
        Candidate(chunk_id, *page_of[chunk_id], score, near.get(chunk_id), told.get(chunk_id))
        for chunk_id, score in scores.items()
    ]


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


def _page_of(*found: Sequence[Hit]) -> Mapping[str, tuple[str, str]]:
    return {chunk_id: (book, document_id) for chunk_id, book, document_id, _ in chain(*found)}


def _best_first(scores: Scores) -> Scores:
    ordered = sorted([(-score, chunk_id) for chunk_id, score in scores.items()])
    return {chunk_id: -negative for negative, chunk_id in ordered}
