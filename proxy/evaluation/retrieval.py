"""Asks the questions of a set and measures how the documents were ranked."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from proxy.evaluation.beir import Judged
from proxy.evaluation.metrics import interval, ndcg, recall, reciprocal_rank

Rank = Callable[[str], Awaitable[Sequence[str]]]
"""A question to document ids, best first; a document may come several times, for each passage."""


@dataclass(slots=True)
class Measured:
    """What was measured of some questions, question by question."""

    k: int
    ndcg: list[float] = field(default_factory=list[float])
    recall: list[float] = field(default_factory=list[float])
    mrr: list[float] = field(default_factory=list[float])
    hit: list[float] = field(default_factory=list[float])

    def add(self, ranking: Sequence[str], judged: Judged) -> None:
        """Measure one question."""
        self.ndcg.append(ndcg(ranking, judged.gains, self.k))
        self.recall.append(recall(ranking, judged.gains, self.k))
        self.mrr.append(reciprocal_rank(ranking, judged.gains, self.k))
        self.hit.append(reciprocal_rank(ranking, judged.gains, 1))

    def as_json(self) -> dict[str, Any]:
        """Return the means, with 95 % bootstrap intervals."""
        columns = {
            f"ndcg@{self.k}": self.ndcg,
            f"recall@{self.k}": self.recall,
            f"mrr@{self.k}": self.mrr,
            "hit@1": self.hit,
        }
        means = {name: _mean(values) for name, values in columns.items()}
        intervals = {
            name: [round(bound, 4) for bound in interval(values)]
            for name, values in columns.items()
        }
        return {**means, "queries": len(self.ndcg), "intervals": intervals}


async def measure(
    questions: Sequence[Judged], rank: Rank, *, k: int, advance: Callable[[int], None]
) -> dict[str, Any]:
    """Return the figures of all questions, and of the groups that yes-or-no metadata makes.

    Raises:
        ProxyError: a question could not be searched for.
    """
    everything = Measured(k)
    yes_or_no = [
        key
        for key in (questions[0].metadata if questions else ())
        if all(isinstance(judged.metadata.get(key), bool) for judged in questions)
    ]
    groups: dict[str, Measured] = {}
    began_s = time.monotonic()
    for judged in questions:
        ranking = list(dict.fromkeys(await rank(judged.text)))
        everything.add(ranking, judged)
        for key in yes_or_no:
            name = f"{key}={str(judged.metadata[key]).lower()}"
            groups.setdefault(name, Measured(k)).add(ranking, judged)
        advance(1)
    return {
        **everything.as_json(),
        "seconds": round(time.monotonic() - began_s, 3),
        "groups": {name: group.as_json() for name, group in sorted(groups.items())},
    }


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
