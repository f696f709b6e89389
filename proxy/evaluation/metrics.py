"""How good a ranking is, and how sure that is. Pure.

Source: Järvelin & Kekäläinen (2002) for nDCG; Efron (1979) for the bootstrap.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

_RESAMPLES = 2_000
_SEED = 7


def ndcg(ranking: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Return the discounted gain of the first `k`, as a share of the best possible."""
    ideal = sorted(gains.values(), reverse=True)[:k]
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(ideal))
    got = sum(gains.get(d, 0) / math.log2(place + 2) for place, d in enumerate(ranking[:k]))
    return got / best if best else 0.0


def recall(ranking: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Return the share of what answers that is among the first `k`."""
    return len(gains.keys() & set(ranking[:k])) / len(gains) if gains else 0.0


def reciprocal_rank(ranking: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Return one over the place of the first that answers; 0 if none of the first `k` does."""
    places = (place for place, d in enumerate(ranking[:k], start=1) if d in gains)
    return 1 / next(places, math.inf)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean; the same for the same values."""
    if not values:
        return (0.0, 0.0)
    drawn = np.random.default_rng(_SEED).choice(np.asarray(values), (_RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return (float(low), float(high))
