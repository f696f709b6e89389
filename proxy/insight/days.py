"""How the questions of each day were answered. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from proxy.store import Interaction


@dataclass(slots=True)
class Day:
    """One day (UTC)."""

    day: date
    by_status: Counter[str] = field(default_factory=Counter[str])
    """How many questions retrieval had which status for."""


def by_day(interactions: Iterable[Interaction], *, first: date, last: date) -> Sequence[Day]:
    """Return every day from `first` to `last`, those without a question too.

    What has no status was no question to a book: texts to be embedded, a request that was refused.
    """
    days = [Day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    for one in interactions:
        place = (one.when.date() - first).days
        if one.rag_status and 0 <= place < len(days):
            days[place].by_status[one.rag_status] += 1
    return days
