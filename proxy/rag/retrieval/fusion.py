"""Two lists to one: what a search by meaning and a search by words found. Pure.

Source: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), for the
convex combination; Cormack, Clarke & Büttcher (2009) for reciprocal ranks. The constants were
chosen on questions about three manuals and two sets of abstracts (`evaluation/README.md`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple, overload

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
    """What both lists found, each chunk once: of two hundred, every object and pass counts."""

    hits: list[Hit]
    """The nearest, then what only words found; the order that breaks ties."""
    by_meaning: dict[str, float]
    """Scores by chunk id, as those of `by_terms`."""
    by_terms: dict[str, float]


def pooled(meaning: Sequence[Hit], terms: Sequence[Hit]) -> Pool:
    """Return the union of two lists, each best first."""
    near, told = (dict(zip(map(_ID, h), map(_SCORE, h), strict=True)) for h in (meaning, terms))
    return Pool([*meaning, *(hit for hit in terms if hit.chunk_id not in near)], near, told)


def convex(pool: Pool, limit: int) -> Scores:
    """Return the weighted sums of scores, each divided by its list's best.

    `limit` is how many were asked for: a chunk that is missing from a full list scores at most what
    the last of it does, and that is what it gets.
    """
    near, told = (_shares(pool, by, limit) for by in (pool.by_meaning, pool.by_terms))
    return MEANING_SHARE * near + (1 - MEANING_SHARE) * told


def reciprocal_ranks(pool: Pool) -> Scores:
    """Return scores by ranks alone, for lists that cannot be compared."""
    scores = np.zeros(len(pool.hits))
    for found in (pool.by_meaning, pool.by_terms):
        shares = {chunk_id: 1 / (RRF_K + rank) for rank, chunk_id in enumerate(found, start=1)}
        scores += _of_each(pool, shares, 0.0)
    return scores / (2 / (RRF_K + 1))


def with_pages(pool: Pool, scores: Scores) -> Scores:
    """Return the scores, each with a share of those of its page's others."""
    if not len(scores):
        return scores
    order = _order(scores)
    # The median: what is not above it adds nothing.
    usual = (scores[order[(len(order) - 1) // 2]] + scores[order[len(order) // 2]]) / 2
    on_page: dict[tuple[str, str], list[float]] = {}
    for place in order:
        if scores[place] <= usual:
            break
        on_page.setdefault(_PAGE(pool.hits[place]), []).append(scores[place])
    bonus = {
        page: PAGE_SHARE * sum(score - usual for score in found[1:_PAGE_CHUNKS])
        for page, found in on_page.items()
        if len(found) > 1
    }
    if not bonus:
        return scores
    added = map(bonus.get, map(_PAGE, pool.hits), repeat(0.0))
    return scores + np.fromiter(added, np.float64, len(scores))


def on_scale(scores: Scores, match: float) -> Scores:
    """Return the scores on an absolute scale: the best one becomes `match`."""
    best = scores.max(initial=0.0)
    return scores if best <= 0 else match - (1 - scores / best) * abs(match)


def best_first(pool: Pool, scores: Scores, shown: Scores | None = None) -> "Ranking":
    """Return the candidates, best first by `scores`, with the scores `shown`; None: with those."""
    return Ranking(pool, _order(scores), scores if shown is None else shown)


class Ranking(Sequence[Candidate]):
    """Candidates, best first, each made when it is looked at: of two hundred, a dozen are."""

    __slots__ = ("_order", "_pool", "_scores")

    def __init__(self, pool: Pool, order: Sequence[int], scores: Scores) -> None:
        self._pool = pool
        self._order = order
        self._scores = scores

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> list[Candidate]: ...
    def __getitem__(self, place: int | slice) -> Candidate | list[Candidate]:
        """Return the candidate at a place, or those of a slice."""
        if isinstance(place, slice):
            return [self._candidate(n) for n in self._order[place]]
        return self._candidate(self._order[place])

    def __iter__(self) -> Iterator[Candidate]:
        """Return them all, one by one."""
        return map(self._candidate, self._order)

    def _candidate(self, n: int) -> Candidate:
        hit, pool = self._pool.hits[n], self._pool
        near, told = pool.by_meaning.get(hit.chunk_id), pool.by_terms.get(hit.chunk_id)
        score = float(self._scores[n])
        return Candidate(hit.chunk_id, hit.book, hit.document_id, score, near, told)


_ID, _PAGE, _SCORE = itemgetter(0), itemgetter(1, 2), itemgetter(3)
"""Of a `Hit`."""


def _order(scores: Scores) -> list[int]:
    return np.argsort(-scores, kind="stable").tolist()


def _shares(pool: Pool, found: Mapping[str, float], limit: int) -> Scores:
    """Return each chunk's share of the list's best score.

    One that is not in a list that is not full gets half of the least: it has none of the words,
    which must tell it from those that have even where all of these score the same.
    """
    best = max(found.values(), default=0.0)
    if best <= 0:
        return np.zeros(len(pool.hits))
    least = max(0.0, min(found.values()) / best)
    missing = least if len(found) >= limit else least / 2
    return np.maximum(0.0, _of_each(pool, found, missing * best) / best)


def _of_each(pool: Pool, values: Mapping[str, float], missing: float) -> Scores:
    """Return the value of each chunk of the pool."""
    ids = map(_ID, pool.hits)
    return np.fromiter(map(values.get, ids, repeat(missing)), np.float64, len(pool.hits))
