"""The order of passages: by score, ties by chunk id, whatever the engine returns first."""

from collections.abc import Iterable, Sequence
from typing import Final

from proxy.corpus import Passage

# Beyond so many passages of one score it no longer matters which of them are shown.
_MAX_TIED: Final = 1024


def ranked(passages: Iterable[Passage], limit: int) -> list[Passage]:
    """Return the `limit` best, best first."""
    return sorted(passages, key=lambda passage: (-passage.score, passage.chunk.chunk_id))[:limit]


def cosine(score: float) -> float:
    """Return an engine's score without its rounding beyond −1 … 1."""
    return max(-1.0, min(1.0, score))


def next_request_size(scores: Sequence[float], *, asked: int, limit: int) -> int | None:
    """Return how many to ask for next when a tie straddles the cut, None when the cut is settled.

    Engines return ties in an order of their own, so the `limit` best are only known once something
    scores less than the last of them. `scores`: best first, what came back for `asked` > `limit`.
    """
    if len(scores) < asked or scores[-1] < scores[limit - 1] or asked > limit + _MAX_TIED:
        return None
    return asked * 4
