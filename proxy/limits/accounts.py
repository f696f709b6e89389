"""What callers have used, counted here and written down now and then.

No request waits for the database: counts and log lines gather in memory and go into it together.
While it does not answer they are kept, up to a bound, and then forgotten and counted.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from proxy.errors import StoreUnavailable
from proxy.store import DailyUsage, Interaction, LazyStore, UsageCount
from proxy.telemetry.logs import log
from proxy.telemetry.metrics import USAGE_NOT_SAVED

FLUSH_S = 5.0
_MAX_PENDING = 20_000
_KNOWN_FOR_S = 60.0
"""How long other processes' use of a daily budget may go unseen."""

Key = tuple[date, str, str]


@dataclass(slots=True)
class _Today:
    day: date
    tokens: int
    read_at_s: float


class Accounts:
    """Takes amounts in and writes them down; `always` False: only into a store that is open.

    A proxy without any auth, asked over `/v1` only, then never opens a database.
    """

    def __init__(
        self,
        store: LazyStore,
        *,
        always: bool,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._store = store
        self._always = always
        self._now_day = today
        self._pending: dict[Key, UsageCount] = {}
        self._log: list[Interaction] = []
        self._today: dict[str, _Today] = {}
        self._writing = asyncio.Lock()
        self._flushing: set[asyncio.Task[None]] = set()

    def add(self, caller_id: str, model: str, count: UsageCount) -> None:
        """Take an amount in."""
        day = self._now_day()
        key = (day, caller_id, model)
        pending = self._pending.get(key)
        if pending is None:
            if len(self._pending) >= _MAX_PENDING:
                USAGE_NOT_SAVED.inc(count.requests)
                return
            pending = self._pending[key] = UsageCount()
        pending.add(count)
        known = self._today.get(caller_id)
        if known is not None and known.day == day:
            known.tokens += count.total_tokens

    def log(self, interaction: Interaction) -> None:
        """Take a line of the log in."""
        if len(self._log) < _MAX_PENDING:
            self._log.append(interaction)
        else:
            USAGE_NOT_SAVED.inc()

    async def tokens_today(self, caller_id: str) -> int:
        """Return what a caller used on this day (UTC), in all processes."""
        day = self._now_day()
        known = self._today.get(caller_id)
        is_fresh = known is not None and time.monotonic() - known.read_at_s < _KNOWN_FOR_S
        if known is None or known.day != day or not is_fresh:
            known = self._today[caller_id] = await self._read(caller_id, day, known)
        return known.tokens

    async def _read(self, caller_id: str, day: date, known: _Today | None) -> _Today:
        async with self._writing:  # what is on its way into the store is neither here nor there
            try:
                store = await self._store()
                rows = await store.usage.usage(since=day, caller_id=caller_id)
            except StoreUnavailable:
                log.warning("budget_unknown")
                tokens = known.tokens if known is not None and known.day == day else 0
                return _Today(day, tokens, time.monotonic())
            tokens = sum(row.count.total_tokens for row in rows if row.day == day)
            tokens += sum(
                count.total_tokens
                for (on, caller, _), count in self._pending.items()
                if caller == caller_id and on == day
            )
            return _Today(day, tokens, time.monotonic())

    async def flush(self) -> None:
        """Write down what was taken in; kept for the next time where the database is away.

        What another call is writing is written when this one returns. Whoever is cancelled leaves
        it to be done.
        """
        flushing = asyncio.create_task(self._flush())
        self._flushing.add(flushing)
        flushing.add_done_callback(self._flushing.discard)
        await asyncio.shield(flushing)

    async def _flush(self) -> None:
        async with self._writing:
            if not (self._pending or self._log) or not (self._always or self._store.is_open):
                return
            pending, self._pending = self._pending, {}
            lines, self._log = self._log, []
            usage = [DailyUsage(*key, count) for key, count in pending.items()]
            try:
                await (await self._store()).usage.record(usage, lines)
            except StoreUnavailable:
                log.warning("usage_not_saved", rows=len(usage))
                for key, count in pending.items():
                    self._pending.setdefault(key, UsageCount()).add(count)
                self._log = (lines + self._log)[:_MAX_PENDING]

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Write down every few seconds, and once more at the end."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            await self.flush()
