"""Waiting for what happens elsewhere, on another thread or event loop, without sleeping.

Used by the fake servers, which note what happens, and by tests, which await it.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from tests.support.waiting import LONG_ENOUGH_S

T = TypeVar("T")


class Waiters:
    """Tasks, each on its own event loop, that want to know when something has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: list[Future[None]] = []

    def wake(self) -> None:
        """Wake everyone who waits now; from any thread."""
        with self._lock:
            futures, self._futures = self._futures, []
        for future in futures:
            # False when its task has stopped waiting; setting a result would raise then.
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Return once `is_true()`; it is asked now and after every `wake`."""
        while True:
            future = Future[None]()
            with self._lock:
                self._futures.append(future)
            # Asked after queueing: a change between asking and queueing would go unnoticed.
            if is_true():
                return
            await asyncio.wrap_future(future)


class Gate:
    """A door in a script: the fake stops at it until the test opens it."""

    def __init__(self) -> None:
        self._waiters = Waiters()
        self._is_open = False
        self._is_reached = False

    def open(self) -> None:
        """Let the script go on, now and whenever it comes by again; from any thread."""
        self._is_open = True
        self._waiters.wake()

    async def wait(self) -> None:
        """Stop here until the gate is open: the script's side of it."""
        self._is_reached = True
        self._waiters.wake()
        await self._waiters.until(lambda: self._is_open)

    async def wait_until_reached(self, *, timeout_s: float = LONG_ENOUGH_S) -> None:
        """Return when the script stands at the gate: the test's side of it.

        Raises:
            TimeoutError: it did not come.
        """
        async with asyncio.timeout(timeout_s):
            await self._waiters.until(lambda: self._is_reached)


class Journal(Generic[T]):
    """A log that can be read and awaited from any thread or event loop."""

    def __init__(self) -> None:
        self._waiters = Waiters()
        self._entries: list[T] = []

    def add(self, entry: T) -> None:
        """Append an entry."""
        self._entries.append(entry)
        self._waiters.wake()

    def clear(self) -> None:
        """Forget all entries."""
        self._entries = []

    def entries(self) -> list[T]:
        """Return a copy of what has happened, oldest first."""
        return list(self._entries)

    async def find(
        self,
        wanted: Callable[[T], bool],
        *,
        what: str,
        nth: int = 1,
        timeout_s: float = LONG_ENOUGH_S,
    ) -> T:
        """Return the `nth` entry that is `wanted` (from 1), waiting for it if need be.

        Raises:
            AssertionError: it did not happen in time; the message lists what did.
        """

        def found(entries: Sequence[T]) -> list[T]:
            return [entry for entry in entries if wanted(entry)]

        await self.until(lambda entries: len(found(entries)) >= nth, what=what, timeout_s=timeout_s)
        return found(self._entries)[nth - 1]

    async def until(
        self, is_so: Callable[[Sequence[T]], bool], *, what: str, timeout_s: float = LONG_ENOUGH_S
    ) -> None:
        """Return once the entries are as `is_so` wants them.

        Raises:
            AssertionError: they were not in time; the message lists them.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._waiters.until(lambda: is_so(self._entries))
        except TimeoutError:
            seen = "".join(f"\n  {entry}" for entry in self._entries) or " nothing"
            raise AssertionError(f"no {what} within {timeout_s} s; there was:{seen}") from None
