"""Work for a client ends with the client, and with nothing else."""

import asyncio

import pytest
from starlette.types import Message, Send

from proxy.api.connection import WhileConnected
from proxy.errors import ModelNotFound, ServerStopping
from tests.support.asgi import Sent, listen_forever, scope
from tests.support.waiting import LONG_ENOUGH_S


class Client:
    """Stays until it is told to leave."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()
        self.said: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def __call__(self) -> Message:
        """Say what is next: the `receive` of ASGI."""
        if self.said:
            return self.said.pop(0)
        await self.leaves.wait()
        return {"type": "http.disconnect"}


async def test_work_is_cancelled_once_the_client_has_gone() -> None:
    client, begun, ended = Client(), asyncio.Event(), asyncio.Event()

    async def work(_send: Send) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    serving = asyncio.create_task(WhileConnected(work)(scope(), client, Sent()))
    await begun.wait()
    client.leaves.set()
    async with asyncio.timeout(LONG_ENOUGH_S):
        await serving
    assert ended.is_set()
    assert not serving.cancelled()


async def test_a_cancellation_from_elsewhere_is_the_servers_end() -> None:
    begun = asyncio.Event()

    async def work(_send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    serving = asyncio.create_task(WhileConnected(work)(scope(), listen_forever, Sent()))
    await begun.wait()
    serving.cancel()
    with pytest.raises(ServerStopping):
        await serving
    assert serving.cancelling() == 0


async def test_a_cancellation_from_elsewhere_wins_over_a_client_that_leaves() -> None:
    client, begun, going_on = Client(), asyncio.Event(), asyncio.Event()

    async def work(_send: Send) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            going_on.set()
            await asyncio.Event().wait()

    serving = asyncio.create_task(WhileConnected(work)(scope(), client, Sent()))
    await begun.wait()
    client.leaves.set()
    await going_on.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


async def test_what_the_work_raises_is_raised() -> None:
    async def work(_send: Send) -> None:
        raise ModelNotFound("no such model")

    with pytest.raises(ModelNotFound):
        await WhileConnected(work)(scope(), listen_forever, Sent())


async def test_nothing_watches_the_connection_once_the_work_is_done() -> None:
    async def work(send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    sent, before = Sent(), asyncio.all_tasks()
    await WhileConnected(work)(scope(), listen_forever, sent)
    await asyncio.sleep(0)
    assert sent.status == 204
    assert asyncio.all_tasks() == before
