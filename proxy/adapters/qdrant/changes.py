"""Whom a writer tells that readers should look again."""

from collections.abc import Awaitable, Callable

OnChange = Callable[[], Awaitable[None]]
"""Awaited after every change that readers should see at once."""


async def nobody_to_tell() -> None:
    """Stand for an `OnChange` where no reader lives in this process."""
