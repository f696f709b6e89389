"""Who used how much of what, day by day, and the log of questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(slots=True)
class UsageCount:
    """An amount of use."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Return prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, other: "UsageCount") -> None:
        """Take another amount in."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """What one caller used of one model on one day (UTC)."""

    day: date
    caller_id: str
    model: str
    count: UsageCount


@dataclass(frozen=True, slots=True)
class SeenPassage:
    """A passage of a book that an answer could rest on; where nothing fitted, what came closest."""

    book: str
    title: str
    url: str | None
    is_cited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A question that was answered, as far as the privacy setting allows."""

    when: datetime
    caller_id: str
    request_id: str
    model: str
    status: str
    """How it ended: `complete`, `interrupted`, `error`."""
    question: str
    """What the book was searched for: a follow-up as it was understood; else all that was sent."""
    answer: str
    count: UsageCount
    rag_status: str = ""
    """What retrieval came to, as in the header `x-rag-status`; "" where there was none."""
    passages: Sequence[SeenPassage] = ()


class UsageLedger(Protocol):
    """Keeps the books; every method raises `StoreUnavailable` when the database does not answer."""

    async def record(
        self, usage: Sequence[DailyUsage], interactions: Sequence[Interaction]
    ) -> None:
        """Add amounts to what is there, and interactions to the log: all of them or none."""
        ...

    async def usage(self, *, since: date, caller_id: str | None = None) -> Sequence[DailyUsage]:
        """Return what was used, ordered by day, caller and model."""
        ...

    async def interactions(
        self, *, limit: int, since: datetime | None = None
    ) -> Sequence[Interaction]:
        """Return the last ones of the log, the newest first."""
        ...

    async def forget(self, before: datetime, rows: int) -> int:
        """Remove interactions from before that time, `rows` at most; return how many."""
        ...
