"""A client that goes away ends the work done for it, at once, before the first token too.

Starlette notices a disconnect only while it streams; a handler that waits for its upstream would
run to the end and be paid for.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from proxy.errors import ServerStopping

Work = Callable[[Send], Awaitable[None]]
Unsubscribe = Callable[[], object]

ON_DISCONNECT = "book_proxy.on_disconnect"
"""The ASGI extension of our own server (`proxy/serving`): a function that takes what is to be
called once the client has gone. It spares every request a task that waits for nothing else."""


class WhileConnected(Response):
    """A response whose whole work runs under a watch on the connection.

    `work(send)` gets the ASGI `send`; it is cancelled within one turn of the loop after the client
    has gone, and by the server when it stops. It may raise as long as it has sent nothing; once it
    has, it tells of its end itself.
    """

    def __init__(self, work: Work) -> None:
        # Not Starlette's: it would build headers that nobody sends.
        self.background = None
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, or stop it.

        Raises:
            ServerStopping: it was cancelled although the client is still there.
        """
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - ASGI servers call applications within a task
            raise RuntimeError("an ASGI application runs within a task")
        has_gone = False

        def stop() -> None:
            nonlocal has_gone
            has_gone = True
            task.cancel()

        unsubscribe = _subscribe(scope, receive, stop)
        try:
            await self._work(send)
        except asyncio.CancelledError as exc:
            if not has_gone:
                task.uncancel()
                raise ServerStopping("The server is stopping; try again.") from exc
            if task.uncancel() > 0:
                raise
        finally:
            unsubscribe()


def _subscribe(scope: Scope, receive: Receive, on_disconnect: Callable[[], None]) -> Unsubscribe:
    """Have `on_disconnect` called once the client has gone; return what ends that."""
    subscribe = scope.get("extensions", {}).get(ON_DISCONNECT)
    if subscribe is not None:
        unsubscribe: Unsubscribe = subscribe(on_disconnect)
        return unsubscribe

    async def watch() -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()
        on_disconnect()

    return asyncio.create_task(watch()).cancel
