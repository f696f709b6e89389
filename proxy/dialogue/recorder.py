"""The tasks that write down what was said, and the count of what could not be.

They outlive the connection they were begun for; closing waits for them.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Literal, Self, TypeVar

from proxy.store import LazyStore
from proxy.telemetry.logs import log
from proxy.telemetry.metrics import MESSAGES_NOT_SAVED

PATIENCE_S = 2.0
"""How long an answer that has not begun waits for the database."""
LAST_PATIENCE_S = 10.0
"""The same of one that is written: only its end waits, which tells whether it is kept."""
_CLOSE_LIMIT_S = 10.0
DoneT = TypeVar("DoneT")


class Recorder:
    """A context manager; leaving it waits for what is being written."""

    def __init__(self, store: LazyStore) -> None:
        self.store = store
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, DoneT]) -> "asyncio.Task[DoneT]":
        """Run `work` to its end, whoever goes away meanwhile."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def soon(self, writing: "asyncio.Task[DoneT]", patience_s: float) -> DoneT | None:
        """Return what came of it, None where that takes too long; it goes on then."""
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(writing)
        except TimeoutError:
            log.warning("database_slow")
            return None

    def lost(self, what: Literal["question", "answer"]) -> bool:
        """Count a message that could not be saved; False, for there is none."""
        MESSAGES_NOT_SAVED.labels(what).inc()
        log.warning("not_saved", message=what)
        return False

    async def __aenter__(self) -> Self:
        """Promise to wait."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Wait for what is being written."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_LIMIT_S)
