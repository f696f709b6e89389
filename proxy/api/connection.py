"""A client that goes away ends the work done for it, at once, before the first token too.

Starlette notices a disconnect only while it streams; a handler that waits for its upstream would
run to the end and be paid for.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

Work = Callable[[Send], Awaitable[None]]


class WhileConnected(Response):
    """A response whose whole work runs under a watch on the connection.

    `work(send)` gets the ASGI `send`; it is cancelled within one turn of the loop after the client
    has gone. It may raise as long as it has sent nothing.
    """

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, or stop it."""
        del scope
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - ASGI servers call applications within a task
            raise RuntimeError("an ASGI application runs within a task")
        has_gone = False

        async def watch() -> None:
            nonlocal has_gone
            message: Message = {"type": ""}
            while message["type"] != "http.disconnect":
                message = await receive()
            has_gone = True
            task.cancel()

        watcher = asyncio.create_task(watch())
        try:
            await self._work(send)
        except asyncio.CancelledError:
            if not has_gone or task.uncancel() > 0:
                raise
        finally:
            watcher.cancel()
