"""The order of hits: by score, ties by chunk id, whatever the engine returns first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter, gt
from typing import Final, TypeVar

from proxy.queries import Hit, IndexQuery

T = TypeVar("T")

_ID, _SCORE = attrgetter("chunk_id"), attrgetter("score")

_TIED_BY_WORDS: Final = 8
"""Passages of one length that hold a word once tie: half of all questions have some at the cut,
and hardly any has more. Cosines tie where texts are the same."""
# Beyond so many hits of one score it no longer matters which of them are shown.
_MAX_TIED: Final = 1024


def ranked(hits: Iterable[Hit], query: IndexQuery) -> list[Hit]:
    """Return as many of the best as the query asks for, best first."""
    best = list(hits)
    scores = list(map(_SCORE, best))
    if not all(map(gt, scores, scores[1:])):
        best.sort(key=_ID)
        best.sort(key=_SCORE, reverse=True)  # which keeps the order of what is equal
    best = best[: query.limit]
    if isinstance(query.by, Mapping) or not best:
        return best
    # An engine's cosine may be rounded beyond 1.
    if best[0].score <= 1 and best[-1].score >= -1:
        return best
    return [hit._replace(score=max(-1.0, min(1.0, hit.score))) for hit in best]


def first_request_size(query: IndexQuery) -> int:
    """Return how many to ask for first: enough to see where nearly every tie at the cut ends."""
    return query.limit + (_TIED_BY_WORDS if isinstance(query.by, Mapping) else 1)


def next_request_size(
    hits: Sequence[T], score: Callable[[T], float], *, asked: int, limit: int
) -> int | None:
    """Return how many to ask for next when a tie straddles the cut, None when the cut is settled.

    Engines return ties in an order of their own, so the `limit` best are only known once something
    scores less than the last of them. `hits`: best first, what came back for `asked` > `limit`.
    """
    is_short = len(hits) < asked
    if is_short or score(hits[-1]) < score(hits[limit - 1]) or asked > limit + _MAX_TIED:
        return None
    return asked * 4
