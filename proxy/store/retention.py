"""How long things are kept: what is older is removed, now and then."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from proxy.errors import StoreUnavailable
from proxy.store.opening import LazyStore
from proxy.telemetry.logs import log

SOON_S, EVERY_S = 60.0, 3_600.0
ROWS_AT_ONCE = 500
"""In one transaction, so that nobody waits for long."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Removes what has been kept long enough; 0 days: never."""

    store: LazyStore
    conversation_days: int
    log_days: int

    async def apply(self, now: datetime) -> None:
        """Remove what is too old at `now`; a database that is away is asked again next time."""
        if not self.store.is_open:
            return
        try:
            store = await self.store()
            for what, days, forget in (
                ("conversations", self.conversation_days, store.conversations.forget),
                ("interactions", self.log_days, store.usage.forget),
            ):
                if days:
                    await _all(what, now - timedelta(days=days), forget)
        except StoreUnavailable:
            log.warning("nothing_forgotten")

    @asynccontextmanager
    async def applied(self) -> AsyncGenerator[None]:
        """Apply it soon, and every hour from then on."""

        async def keep() -> None:
            await asyncio.sleep(SOON_S)
            while True:
                await self.apply(datetime.now(UTC))
                await asyncio.sleep(EVERY_S)

        if not (self.conversation_days or self.log_days):
            yield
            return
        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping


async def _all(
    what: str, before: datetime, forget: Callable[[datetime, int], Awaitable[int]]
) -> None:
    removed = 0
    while (rows := await forget(before, ROWS_AT_ONCE)) > 0:
        removed += rows
    if removed:
        log.info("forgotten", what=what, rows=removed)
