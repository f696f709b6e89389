"""`ports.Cache` in this process: the values used last, within a number of bytes."""

import time
from collections import OrderedDict
from collections.abc import Callable


class MemoryCache:
    """Forgets what is older than `ttl_s`, and what was not used for longest when space is short."""

    def __init__(
        self, *, max_bytes: int, ttl_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_bytes = max_bytes
        self._ttl_s = ttl_s
        self._clock = clock
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        """By key: until when, and what; the one used last is the last."""
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        """Return a value, None where there is none any more."""
        found = self._values.get(key)
        if found is None:
            return None
        until_s, value = found
        if self._clock() >= until_s:
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes) -> None:
        """Remember a value, in place of the one before."""
        self._forget(key)
        if len(key) + len(value) > self._max_bytes:
            return
        self._values[key] = (self._clock() + self._ttl_s, value)
        self._bytes += len(key) + len(value)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._values)))

    def _forget(self, key: str) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._bytes -= len(key) + len(found[1])
