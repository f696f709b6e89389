"""Two lists to one: what a search by meaning and a search by words found. Pure.

Source: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), for the
convex combination; Cormack, Clarke & Büttcher (2009) for reciprocal ranks. The constants were
chosen on questions about three manuals and two sets of abstracts (`evaluation/README.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proxy.queries import Hit

MEANING_SHARE = 0.65
"""Of the convex combination; the rest is for words."""
RRF_K = 60
PAGE_SHARE = 0.1
"""What the further chunks of a page add to each of its chunks: a page that answers in several
places is more likely the one."""
_PAGE_CHUNKS = 4
"""Chunks of a page that count at most."""

Scores = NDArray[np.float64]
"""Of the chunks of a pool, in their order."""


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


@dataclass(frozen=True, slots=True)
class Pool:
    """What both lists found: columns, for two hundred objects a question cost more than the rest.

    Everything is in the order of the chunks' ids, so that a stable order by score breaks ties by
    id.
    """

    ids: list[str]
    books: list[str]
    documents: list[str]
    by_meaning: list[float | None]
    by_terms: list[float | None]


def pooled(meaning: Sequence[Hit], terms: Sequence[Hit]) -> Pool:
    """Return the union of two lists, each best first."""
    both = [*meaning, *terms]
    hits = sorted(dict(zip(map(_ID, both), both, strict=True)).values(), key=_ID)
    ids = list(map(_ID, hits))
    near, told = (dict(zip(map(_ID, h), map(_SCORE, h), strict=True)) for h in (meaning, terms))
    return Pool(
        ids,
        list(map(_BOOK, hits)),
        list(map(_DOCUMENT, hits)),
        list(map(near.get, ids)),
        list(map(told.get, ids)),
    )


def convex(pool: Pool, limit: int) -> Scores:
    """Return the weighted sums of scores, each divided by its list's best.

    `limit` is how many were asked for: a chunk that is missing from a full list scores at most what
    the last of it does, and that is what it gets.
    """
    near, told = _shares(pool.by_meaning, limit), _shares(pool.by_terms, limit)
    return MEANING_SHARE * near + (1 - MEANING_SHARE) * told


def reciprocal_ranks(pool: Pool, *lists: Sequence[Hit]) -> Scores:
    """Return scores by ranks alone, for lists that cannot be compared: those the pool is of."""
    scores = np.zeros(len(pool.ids))
    for hits in lists:
        shares = {hit.chunk_id: 1 / (RRF_K + rank) for rank, hit in enumerate(hits, start=1)}
        scores += np.array(list(map(shares.get, pool.ids, repeat(0.0))))
    return scores / (2 / (RRF_K + 1))


def with_pages(pool: Pool, scores: Scores) -> Scores:
    """Return the scores, each with a share of those of its page's others."""
    if not len(scores):
        return scores
    order = _order(scores)
    pages = list(zip(pool.books, pool.documents, strict=True))
    falling = scores[order].tolist()
    # The median: what is not above it adds nothing.
    usual = (falling[(len(falling) - 1) // 2] + falling[len(falling) // 2]) / 2
    on_page: dict[tuple[str, str], list[float]] = {}
    for place, score in zip(order, falling, strict=True):
        if score <= usual:
            break
        on_page.setdefault(pages[place], []).append(score)
    bonus = {
        page: PAGE_SHARE * sum(score - usual for score in found[1:_PAGE_CHUNKS])
        for page, found in on_page.items()
        if len(found) > 1
    }
    return scores + np.array(list(map(bonus.get, pages, repeat(0.0))))


def on_scale(scores: Scores, match: float) -> Scores:
    """Return the scores on an absolute scale: the best one becomes `match`."""
    best = scores.max(initial=0.0)
    return scores if best <= 0 else match - (1 - scores / best) * abs(match)


def best_first(pool: Pool, scores: Scores, shown: Scores | None = None) -> list[Candidate]:
    """Return the candidates, best first by `scores`, with the scores `shown`; None: with those."""
    order = _order(scores)
    values: list[float] = (scores if shown is None else shown)[order].tolist()
    names = (map(column.__getitem__, order) for column in (pool.ids, pool.books, pool.documents))
    by = (map(column.__getitem__, order) for column in (pool.by_meaning, pool.by_terms))
    return list(map(Candidate._make, zip(*names, values, *by, strict=True)))


_ID, _BOOK, _DOCUMENT, _SCORE = map(itemgetter, range(4))
"""Of a `Hit`."""


def _order(scores: Scores) -> list[int]:
    return np.argsort(-scores, kind="stable").tolist()


def _shares(found: Sequence[float | None], limit: int) -> Scores:
    """Return each chunk's share of the list's best score.

    One that is not in a list that is not full gets half of the least: it has none of the words,
    which must tell it from those that have even where all of these score the same.
    """
    scores = np.array(found, np.float64)
    is_missing = np.isnan(scores)
    there = scores[~is_missing]
    best = there.max(initial=0.0)
    if best <= 0:
        return np.zeros(len(scores))
    shares = np.maximum(0.0, scores / best)
    least = max(0.0, there.min() / best)
    shares[is_missing] = least if len(there) >= limit else least / 2
    return shares
