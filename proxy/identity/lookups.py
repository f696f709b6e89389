"""Answers of the database that stand for a moment, so that not every request asks it.

A change is seen after `FRESH_S` at the latest. While the database does not answer, what was known
last stands for longer: that it is away, or slow, shuts nobody out who was let in before.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from proxy.errors import StoreUnavailable

FRESH_S = 5.0
STALE_S = 600.0
PATIENCE_S = 5.0
"""How long the database is waited for."""
IMPATIENCE_S = 0.5
"""The same where something is known, or where others have just waited in vain."""
_SILENT_S = 30.0
_MAX_ENTRIES = 10_000

FoundT = TypeVar("FoundT")


class Lookup(Generic[FoundT]):
    """Asks `find` for an id, at most once at a time and once in `FRESH_S`."""

    def __init__(
        self,
        find: Callable[[str], Awaitable[FoundT]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, FoundT]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[FoundT]] = {}
        self._silent_at_s = -_SILENT_S
        """When somebody waited in vain."""

    async def __call__(self, wanted: str) -> FoundT:
        """Return what there is of that id.

        Raises:
            StoreUnavailable: the database does not answer, and nothing was known.
        """
        known = self._known.get(wanted)
        if known is not None and self._clock() - known[0] < FRESH_S:
            return known[1]
        asking = self._asking.get(wanted)
        if asking is None:
            asking = self._asking[wanted] = asyncio.create_task(self._ask(wanted))
            asking.add_done_callback(partial(self._asked, wanted))
        if known is not None and self._clock() - known[0] >= STALE_S:
            known = None
        is_silent = self._clock() - self._silent_at_s < _SILENT_S
        try:
            async with asyncio.timeout(IMPATIENCE_S if known or is_silent else PATIENCE_S):
                return await asyncio.shield(asking)
        except (StoreUnavailable, TimeoutError) as exc:
            if isinstance(exc, TimeoutError):
                self._silent_at_s = self._clock()
            if known is not None:
                return known[1]
            raise StoreUnavailable("The database does not answer.") from exc

    def _asked(self, wanted: str, asking: "asyncio.Task[FoundT]") -> None:
        del self._asking[wanted]
        if not asking.cancelled():
            asking.exception()  # seen; who waited got it, unless nobody waits any more

    async def _ask(self, wanted: str) -> FoundT:
        found = await self._find(wanted)
        self._known[wanted] = (self._clock(), found)
        self._known.move_to_end(wanted)
        while len(self._known) > _MAX_ENTRIES:
            self._known.popitem(last=False)
        return found
