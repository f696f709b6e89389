"""A book on a server has one writer, and a dead one does not stand in the way."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from qdrant_client import AsyncQdrantClient, models

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.client import ensure_collection, make_client
from proxy.adapters.qdrant.lease import Lease, this_place
from proxy.adapters.qdrant.naming import book_point_id
from proxy.errors import Conflict, RetrievalUnavailable
from tests.support.book_stores import IDENTITY
from tests.support.qdrant_server import running_qdrant
from tests.support.waiting import LONG_ENOUGH_S

LEASE_S = 30.0


class Collection:
    """A collection with the catalogue entry of one book."""

    def __init__(self, client: AsyncQdrantClient, name: str) -> None:
        self.client = client
        self.name = name

    def lease(self, length_s: float = LEASE_S) -> Lease:
        """Return a lease of the book, not held."""
        return Lease(self.client, self.name, "manual", length_s=length_s)

    async def leave(self, writer: stored.Writer) -> None:
        """Leave the entry as `writer` had it when it died."""
        entry = stored.book_to_payload("manual", writer)
        point = models.PointStruct(id=book_point_id("manual"), vector={}, payload=entry)
        await self.client.upsert(self.name, [point])

    async def writer(self) -> stored.Writer | None:
        """Return who holds the book, None without an entry."""
        points = await self.client.retrieve(self.name, [book_point_id("manual")])
        return stored.payload_to_writer(points[0].payload or {}) if points else None


@pytest.fixture
async def collection(qdrant_url: str) -> AsyncGenerator[Collection]:
    client = make_client(qdrant_url, None, timeout_s=LONG_ENOUGH_S)
    name = f"test-{uuid.uuid4().hex}"
    await ensure_collection(client, name, IDENTITY)
    yield Collection(client, name)
    await client.delete_collection(name)
    await client.close()


def someone(**changes: Any) -> stored.Writer:
    """Return a living writer of this machine that is not in this test."""
    living = stored.Writer("other", this_place(), os.getppid(), round(time.time() + LEASE_S, 3))
    return replace(living, **changes)


def dead_pid() -> int:
    """Return the id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


async def test_an_entry_without_editions_goes_with_the_lease(collection: Collection) -> None:
    async with collection.lease().held() as editions:
        assert editions == stored.BookEditions()
        assert await collection.writer() is not None
    assert await collection.writer() is None


async def test_a_living_writer_is_respected(collection: Collection) -> None:
    await collection.leave(someone())
    with pytest.raises(Conflict, match=f"process {os.getppid()}"):
        async with collection.lease().held():
            pass
    elsewhere = someone(place="another machine", pid=dead_pid())
    await collection.leave(elsewhere)
    with pytest.raises(Conflict, match="another machine"):
        async with collection.lease().held():
            pass
    assert await collection.writer() == elsewhere


async def test_a_killed_writer_of_this_machine_is_succeeded_at_once(
    collection: Collection,
) -> None:
    await collection.leave(someone(pid=dead_pid()))
    async with collection.lease().held():
        pass


async def test_a_writer_of_another_machine_is_succeeded_when_its_lease_has_run_out(
    collection: Collection,
) -> None:
    await collection.leave(someone(place="another machine", expires_unix_s=time.time() - 1))
    async with collection.lease().held():
        pass


async def test_a_lease_is_renewed_while_it_is_held(collection: Collection) -> None:
    async with collection.lease(length_s=0.3).held():
        first = await collection.writer()
        assert first is not None
        async with asyncio.timeout(LONG_ENOUGH_S):
            while (await collection.writer() or first).expires_unix_s == first.expires_unix_s:
                pass


async def test_who_lost_the_lease_changes_nothing_any_more(collection: Collection) -> None:
    lease = collection.lease()
    async with lease.held():
        await collection.leave(someone())
        with pytest.raises(Conflict):
            await lease.write({"live": None, "stray": True})
        points = await collection.client.retrieve(collection.name, [book_point_id("manual")])
        assert "stray" not in (points[0].payload or {})
    writer = await collection.writer()
    assert writer is not None
    assert writer.token == "other"


async def test_a_server_that_went_down_does_not_hide_what_happened() -> None:
    with running_qdrant(api_key="none") as url:
        client = make_client(url, "none", timeout_s=LONG_ENOUGH_S)
        await ensure_collection(client, "books", IDENTITY)
        lease = Lease(client, "books", "manual", length_s=0.03)
        leaving = contextlib.AsyncExitStack()
        await leaving.enter_async_context(lease.held())
    with pytest.raises(RetrievalUnavailable):
        await lease.write({})
    await leaving.aclose()
    await client.close()
