"""Several choices side by side: their batches as they come, the first failure ends them all."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from proxy.protocol.chat_events import ChatEvent

_WAITING_BATCHES = 8
"""What may wait for a slow reader before the upstreams are made to wait."""


async def merged(
    choices: list[AsyncGenerator[list[ChatEvent]]],
) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the batches of all choices in the order in which they arrive.

    Raises:
        ProxyError: what the first choice that failed raised; the others are cancelled.
    """
    queue: asyncio.Queue[list[ChatEvent] | BaseException | None] = asyncio.Queue(_WAITING_BATCHES)
    tasks = [asyncio.create_task(_pump(choice, queue)) for choice in choices]
    try:
        running = len(tasks)
        while running:
            item = await queue.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                running -= 1
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(
    choice: AsyncGenerator[list[ChatEvent]],
    queue: "asyncio.Queue[list[ChatEvent] | BaseException | None]",
) -> None:
    try:
        async with aclosing(choice):
            async for batch in choice:
                await queue.put(batch)
    except Exception as exc:  # noqa: BLE001 - carried over to the reader's task and raised there
        await queue.put(exc)
    else:
        await queue.put(None)
