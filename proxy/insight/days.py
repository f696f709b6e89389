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
    """Return every day from `first` to `last`, those without a question too."""
    days = [Day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    for one in interactions:
        place = (one.when.date() - first).days
        if 0 <= place < len(days):
            days[place].by_status[one.rag_status or "off"] += 1
    return days
