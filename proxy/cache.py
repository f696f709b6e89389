"""The port to what remembers values for a while."""

from typing import Protocol


class Cache(Protocol):
    """Remembers values for a while.

    It may forget any of them at any time; a failure of what is behind it is a value forgotten, so
    that nothing here raises.
    """

    async def get(self, key: str) -> bytes | None:
        """Return a value, None where there is none any more."""
        ...

    async def put(self, key: str, value: bytes) -> None:
        """Remember a value, in place of the one before."""
        ...
