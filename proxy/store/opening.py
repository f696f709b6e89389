"""The store as a whole, opened when it is first needed.

A proxy that is only asked over `/v1` needs no database, and one whose database is away serves on;
so nothing is opened at start, and a failure to open is an ordinary `StoreUnavailable`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from proxy.errors import StoreUnavailable
from proxy.store.conversations import Conversations
from proxy.store.jobs import IngestJobs
from proxy.store.keys import ApiKeys
from proxy.store.readers import Readers
from proxy.store.shelves import Shelves
from proxy.store.uploads import Uploads
from proxy.store.usage import UsageLedger
from proxy.telemetry.logs import log

_PATIENCE_S = 1.0
"""A failure to open stands this long: not every request knocks at a database that is away."""
_CLOSE_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept, in one database."""

    conversations: Conversations
    readers: Readers
    keys: ApiKeys
    usage: UsageLedger
    uploads: Uploads
    shelves: Shelves
    jobs: IngestJobs
    check: Callable[[], Awaitable[None]]
    """Return when the database answers, else raise `StoreUnavailable`."""
    close: Callable[[], Awaitable[None]]
    """Finish what is being written and let go of the database."""


def _seen(opening: "asyncio.Task[Store]") -> None:
    """Take note of a failure that nobody waits for any more."""
    if not opening.cancelled():
        opening.exception()


class LazyStore:
    """Opens the store once, for whoever asks first; a context manager that closes it."""

    def __init__(
        self,
        open_store: Callable[[], Awaitable[Store]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._opening: asyncio.Task[Store] | None = None
        self._store: Store | None = None
        self._failed_at_s = -_PATIENCE_S

    @property
    def is_open(self) -> bool:
        """Whether somebody has needed it."""
        return self._store is not None

    async def __call__(self) -> Store:
        """Return the store.

        Raises:
            StoreUnavailable: the database cannot be reached.
        """
        if self._store is not None:
            return self._store
        if self._opening is None:
            if self._clock() - self._failed_at_s < _PATIENCE_S:
                raise StoreUnavailable("The database cannot be reached.")
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(_seen)
        return await asyncio.shield(self._opening)  # who goes away leaves it to the others

    async def _open(self) -> Store:
        try:
            self._store = await self._open_store()
        except StoreUnavailable as exc:
            self._failed_at_s = self._clock()
            log.warning("database_unavailable", cause=type(exc.__cause__).__name__)
            raise
        finally:
            self._opening = None
        return self._store

    async def check(self) -> None:
        """Return when the database answers.

        Raises:
            StoreUnavailable: it does not.
        """
        await (await self()).check()

    async def __aenter__(self) -> Self:
        """Promise to close it."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it, if it was opened."""
        if self._opening is not None:
            await asyncio.wait([self._opening], timeout=_CLOSE_LIMIT_S)
        if self._store is not None:
            await self._store.close()
