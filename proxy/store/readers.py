"""Readers: their profile, and whether they may still come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from proxy.caller import Background, Caller


@dataclass(frozen=True, slots=True)
class Reader:
    """What is remembered of a caller."""

    reader_id: str
    """The caller's id."""
    background: Background
    created: datetime
    is_active: bool = True


class Readers(Protocol):
    """Keeps readers; every method raises `StoreUnavailable` when the database does not answer."""

    async def find(self, reader_id: str) -> Reader | None:
        """Return a reader, None for one that was never remembered."""
        ...

    async def readers(self) -> Sequence[Reader]:
        """Return all of them, ordered by id."""
        ...

    async def set_background(self, caller: Caller, background: Background) -> Reader:
        """Remember the caller's background, in place of the one before."""
        ...

    async def set_active(self, reader_id: str, *, is_active: bool) -> Reader:
        """Shut a reader out or let it in again, one that never came included."""
        ...
