"""The order of hits: by score, ties by chunk id, whatever the engine returns first."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from proxy.queries import Hit, IndexQuery

# Beyond so many hits of one score it no longer matters which of them are shown.
_MAX_TIED: Final = 1024


def ranked(hits: Iterable[Hit], query: IndexQuery) -> list[Hit]:
    """Return as many of the best as the query asks for, best first."""
    by_id = sorted(hits, key=attrgetter("chunk_id"))
    # Sorting keeps the order of what is equal.
    best = sorted(by_id, key=attrgetter("score"), reverse=True)[: query.limit]
    if isinstance(query.by, Mapping) or not best:
        return best
    # An engine's cosine may be rounded beyond 1.
    if best[0].score <= 1 and best[-1].score >= -1:
        return best
    return [hit._replace(score=max(-1.0, min(1.0, hit.score))) for hit in best]


def next_request_size(scores: Sequence[float], *, asked: int, limit: int) -> int | None:
    """Return how many to ask for next when a tie straddles the cut, None when the cut is settled.

    Engines return ties in an order of their own, so the `limit` best are only known once something
    scores less than the last of them. `scores`: best first, what came back for `asked` > `limit`.
    """
    if len(scores) < asked or scores[-1] < scores[limit - 1] or asked > limit + _MAX_TIED:
        return None
    return asked * 4
