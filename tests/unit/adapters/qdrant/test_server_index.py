"""A Qdrant server that is down, slow or strange costs an answer its passages, no more."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from proxy.adapters.qdrant.server_index import ServerIndex
from proxy.deadline import Deadline
from proxy.errors import RetrievalUnavailable
from tests.support.book_stores import IDENTITY, nearest, server_store, vector_of
from tests.support.qdrant_server import running_qdrant
from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S, ample_time

SECRET = "hunter2"


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def index_at(session: aiohttp.ClientSession, url: str, **options: float | str) -> ServerIndex:
    """Return an index on the server at `url`."""
    settings: dict[str, Any] = {
        "api_key": None,
        "collection": "books",
        "limit_s": LONG_ENOUGH_S,
        **options,
    }
    return ServerIndex(session, url=url, identity=IDENTITY, **settings)


async def failure_of(index: ServerIndex, deadline: Deadline | None = None) -> str:
    """Return the message with which a search fails."""
    with pytest.raises(RetrievalUnavailable) as caught:
        await nearest(index, vector_of("x"), books=None, limit=3, deadline=deadline)
    return caught.value.message


async def test_a_server_that_is_down_does_not_stop_the_start(
    session: aiohttp.ClientSession,
) -> None:
    url = f"http://reader:{SECRET}@127.0.0.1:{free_port()}"
    index = index_at(session, url)
    await index.open()
    assert SECRET not in await failure_of(index)
    for call in (index.books(), index.read(["x"], deadline=ample_time()), index.check()):
        with pytest.raises(RetrievalUnavailable) as caught:
            await call
        assert SECRET not in caught.value.message


@pytest.mark.virtual_time
async def test_a_server_that_never_answers_costs_no_more_than_the_limit(
    session: aiohttp.ClientSession,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as hole:
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        clock = asyncio.get_running_loop().time
        for limit_s, deadline in [(10.0, ample_time()), (600.0, Deadline.after(50))]:
            index = index_at(session, url, limit_s=limit_s)
            began_s = clock()
            failures = await asyncio.gather(*(failure_of(index, deadline) for _ in range(9)))
            assert 0 < clock() - began_s <= min(limit_s, 50)
            assert "did not answer within" in failures[0]


@pytest.mark.virtual_time
async def test_a_server_that_hangs_costs_the_limit_once_and_then_nothing_for_a_moment(
    session: aiohttp.ClientSession,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as hole:
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        clock = asyncio.get_running_loop().time
        cost_s: list[float] = []
        while len(cost_s) < 20 and 0 not in cost_s:  # the moment is one of the machine's clock
            index = index_at(session, url, limit_s=10)
            began_s = clock()
            with pytest.raises(RetrievalUnavailable, match="did not answer within"):
                await index.books()
            assert 0 < clock() - began_s <= 10
            began_s = clock()
            for call in (index.books, index.books):
                with pytest.raises(RetrievalUnavailable):
                    await call()
            await failure_of(index)
            cost_s.append(clock() - began_s)
        assert min(cost_s) == 0


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"{}", "answered 500"),
        (503, b"busy", "answered 503"),
        (401, b"{}", "refused the API key"),
        (403, b"{}", "refused the API key"),
        (200, b"<html>", "cannot be read"),
        (200, b"[]", "cannot be read"),
        (200, b'{"status": "ok"}', "cannot be read"),
        (200, b'{"result": {}}', "cannot be read"),
        (200, b'{"result": [1]}', "cannot be read"),
        (200, b'{"result": {"config": {"params": 5}}}', "cannot be read"),
    ],
)
async def test_an_answer_that_is_no_good_is_a_failure_of_retrieval(
    session: aiohttp.ClientSession, status: int, body: bytes, said: str
) -> None:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    async with RawTestServer(answer) as server:
        assert said in await failure_of(index_at(session, str(server.make_url("/"))))


async def test_a_connection_that_breaks_is_a_failure_of_retrieval(
    session: aiohttp.ClientSession,
) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with RawTestServer(answer) as server:
        message = await failure_of(index_at(session, str(server.make_url("/"))))
        assert "cannot be reached" in message


async def test_a_server_that_comes_back_is_used_again(
    session: aiohttp.ClientSession, qdrant_url: str
) -> None:
    is_down = True

    async def relay(request: web.BaseRequest) -> web.StreamResponse:
        if is_down:
            return web.Response(status=503)
        async with session.request(
            request.method, qdrant_url + request.path, data=await request.read()
        ) as answered:
            return web.Response(status=answered.status, body=await answered.read())

    async with RawTestServer(relay) as server:
        index = index_at(session, str(server.make_url("/")), collection="never-made")
        await index.open()
        await failure_of(index)
        is_down = False
        await index.check()
        assert list(await index.books()) == []


async def test_the_api_key_is_sent(session: aiohttp.ClientSession) -> None:
    with running_qdrant(api_key=SECRET) as url:
        assert "refused the API key" in await failure_of(index_at(session, url))
        await index_at(session, url, api_key=SECRET).check()


async def test_answers_are_asked_for_uncompressed(session: aiohttp.ClientSession) -> None:
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.headers["Accept-Encoding"])
        return web.Response(status=404)

    async with RawTestServer(answer) as server:
        await index_at(session, str(server.make_url("/"))).books()
    assert set(asked) == {"identity"}


async def test_a_change_by_another_process_is_seen_when_the_catalogue_expires(
    session: aiohttp.ClientSession, qdrant_url: str
) -> None:
    async with server_store(qdrant_url) as store:
        await store.publish("manual", {"a.md": "First"})
        collection = store.place
        at_once = index_at(session, qdrant_url, collection=collection, catalogue_ttl_s=0.0)
        later = index_at(session, qdrant_url, collection=collection, catalogue_ttl_s=60.0)
        assert len(await at_once.books()) == len(await later.books()) == 1
        await store.publish("other", {"a.md": "Second"})
        assert len(await at_once.books()) == 2
        assert len(await later.books()) == 1


async def test_a_collection_removed_under_the_reader_is_an_empty_index(
    session: aiohttp.ClientSession, qdrant_url: str
) -> None:
    async with server_store(qdrant_url) as store:
        await store.publish("manual", {"a.md": "First"})
        (passage,) = await store.search()
        path = f"{qdrant_url}/collections/{store.place}"
        async with session.delete(path) as deleted:
            assert deleted.status == 200
        assert list(await store.search()) == []
        assert await store.chunk(passage.chunk.chunk_id) is None
