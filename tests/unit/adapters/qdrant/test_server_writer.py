"""Writers on a server that are killed, robbed or cut off harm neither readers nor the next one."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from qdrant_client import AsyncQdrantClient, models

from proxy.adapters.qdrant.client import make_client
from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from proxy.corpus import Manifest
from proxy.errors import ConfigurationError, Conflict, RetrievalUnavailable
from proxy.queries import IndexQuery, Where
from tests.support.book_stores import (
    IDENTITY,
    BookStore,
    chunks_of,
    manifest_of,
    server_store,
    vectors_of,
)
from tests.support.programs import running_program
from tests.support.qdrant_server import running_qdrant
from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S, ample_time

_INGEST = """
import asyncio, sys
from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from tests.support.waiting import ample_time
from tests.support.book_stores import IDENTITY, chunks_of, vectors_of

async def main(url, collection):
    writer = ServerIndexWriter(url=url, api_key=None, collection=collection, identity=IDENTITY)
    async with writer.draft("manual", title="", base_url=None, edition="killed") as draft:
        chunks = chunks_of("manual", {"new.md": "New"})
        await draft.add(chunks, vectors_of(chunks))
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def store(qdrant_url: str) -> AsyncGenerator[BookStore]:
    async with server_store(qdrant_url) as store:
        yield store


async def test_a_writer_killed_in_mid_draft_harms_nobody(store: BookStore, qdrant_url: str) -> None:
    await store.publish("manual", {"a.md": "Old"})
    with running_program(_INGEST, qdrant_url, store.place):
        pass
    await store.index.refresh()
    assert await store.texts() == {"Old"}
    assert "killed" in await store.stored()
    await store.publish("manual", {"a.md": "Newer"})
    assert await store.texts() == {"Newer"}
    assert "killed" not in await store.stored()


async def test_who_lost_the_book_cannot_publish_and_spares_the_successors_edition(
    store: BookStore, qdrant_url: str
) -> None:
    slow = ServerIndexWriter(
        url=qdrant_url, api_key=None, collection=store.place, identity=IDENTITY, lease_s=-60.0
    )
    chunks = chunks_of("manual", {"a.md": "Slow"})

    async def be_overtaken() -> None:
        async with slow, slow.draft("manual", title="", base_url=None, edition=None) as draft:
            await store.publish("manual", {"a.md": "Quick"})
            await draft.add(chunks, vectors_of(chunks))
            await draft.publish(manifest_of(chunks), language="en", lexicon=None)

    with pytest.raises(Conflict):
        await be_overtaken()
    assert await store.texts() == {"Quick"}
    assert len(await store.stored()) == 1


async def test_who_is_cancelled_while_taking_the_book_gives_it_back(
    store: BookStore, qdrant_url: str
) -> None:
    taken, never = asyncio.Event(), asyncio.Event()

    async def relay(request: web.BaseRequest) -> web.StreamResponse:
        async with session.request(
            request.method,
            qdrant_url + request.path_qs,
            data=await request.read(),
            headers={"Content-Type": "application/json"},
        ) as answered:
            body = await answered.read()
        if request.method == "PUT" and request.path.endswith("/points") and not taken.is_set():
            taken.set()
            await never.wait()
        return web.Response(status=answered.status, body=body, content_type="application/json")

    await store.publish("other", {"a.md": "x"})
    async with aiohttp.ClientSession() as session, RawTestServer(relay) as server:
        slow = ServerIndexWriter(
            url=str(server.make_url("/")), api_key=None, collection=store.place, identity=IDENTITY
        )
        async with slow:
            draft = slow.draft("manual", title="", base_url=None, edition=None)
            taking = asyncio.create_task(draft.__aenter__())
            await taken.wait()
            taking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await taking
            assert await store.publish("manual", {"a.md": "Next"})
        never.set()


async def test_an_edition_goes_only_when_no_reader_can_still_search_it(
    store: BookStore, qdrant_url: str
) -> None:
    for n in range(2):
        await store.publish("manual", {"a.md": f"Edition {n}"})
    patient = ServerIndexWriter(
        url=qdrant_url, api_key=None, collection=store.place, identity=IDENTITY, settle_s=0.3
    )
    async with patient as writer:
        began_s = time.monotonic()
        await store.publish("other", {"a.md": "x"})
        await store.writer.rollback("manual")
        async with writer.draft("manual", title="", base_url=None, edition=None) as draft:
            await draft.publish(Manifest("r1"), language="en", lexicon=None)
        assert time.monotonic() - began_s > 0.3


async def test_a_collection_left_half_made_is_completed(store: BookStore, qdrant_url: str) -> None:
    await store.publish("manual", {"a.md": "Old"})
    client = make_client(qdrant_url, None, timeout_s=LONG_ENOUGH_S)
    await client.delete_payload_index(store.place, "edition")
    await store.publish("manual", {"a.md": "New"})
    info = await client.get_collection(store.place)
    assert "edition" in info.payload_schema
    await client.close()


async def test_a_collection_of_someone_else_is_not_written_to(
    store: BookStore, qdrant_url: str
) -> None:
    client = make_client(qdrant_url, None, timeout_s=LONG_ENOUGH_S)
    await client.create_collection(store.place, vectors_config={})
    with pytest.raises(ConfigurationError):
        await store.publish("manual", {"a.md": "x"})
    assert (await client.count(store.place)).count == 0
    await client.close()


async def test_a_server_that_is_down_is_a_failure_of_retrieval() -> None:
    async with ServerIndexWriter(
        url=f"http://u:hunter2@127.0.0.1:{free_port()}",
        api_key=None,
        collection="books",
        identity=IDENTITY,
    ) as writer:
        for call in (writer.manifest("manual"), writer.delete("a"), writer.rollback("a")):
            with pytest.raises(RetrievalUnavailable, match="cannot be reached") as caught:
                await call
            assert "hunter2" not in caught.value.message


async def test_a_wrong_key_is_told_as_such() -> None:
    with running_qdrant(api_key="right") as url:
        async with ServerIndexWriter(
            url=url, api_key="wrong", collection="books", identity=IDENTITY
        ) as writer:
            with pytest.raises(RetrievalUnavailable, match="API key"):
                await writer.manifest("manual")


async def test_a_server_that_goes_down_in_mid_draft_leaves_the_lease_to_run_out() -> None:
    leaving = contextlib.AsyncExitStack()
    with running_qdrant(api_key="key") as url:
        writer = await leaving.enter_async_context(
            ServerIndexWriter(url=url, api_key="key", collection="books", identity=IDENTITY)
        )
        draft = await leaving.enter_async_context(
            writer.draft("manual", title="", base_url=None, edition=None)
        )
    with pytest.raises(RetrievalUnavailable):
        await draft.publish(Manifest("r1"), language="en", lexicon=None)
    await leaving.aclose()


async def test_a_collection_made_before_search_by_words_is_found_by_meaning(
    qdrant_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with server_store(qdrant_url) as store:
        client = AsyncQdrantClient(url=qdrant_url, check_compatibility=False, timeout=LONG_ENOUGH_S)
        await client.create_collection(
            store.place,
            vectors_config={"dense": models.VectorParams(size=8, distance=models.Distance.COSINE)},
            metadata=IDENTITY.to_metadata(),
        )
        await client.close()
        book = await store.publish("manual", {"a.md": "Alpha"})
        assert "collection_without_terms" in capsys.readouterr().out
        await store.index.check()
        assert await store.index.lexicon(book, deadline=ample_time()) is None
        assert await store.texts() == {"Alpha"}
        by_words = IndexQuery({7: 1.0}, Where(), 9)
        assert await store.index.find([by_words], deadline=ample_time()) == [[]]
