"""A collection that somebody else filled, on a real server."""

import uuid
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from qdrant_client import AsyncQdrantClient, models

from proxy.adapters.qdrant.existing_index import ExistingIndex
from proxy.adapters.qdrant.foreign import PayloadMap
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.errors import ConfigurationError, RetrievalUnavailable
from proxy.queries import IndexQuery, Where
from tests.support.book_stores import IDENTITY, nearest, vector_of
from tests.support.serving import free_port
from tests.support.waiting import LONG_ENOUGH_S, ample_time

TEXTS = ("Alpha", "Beta", "Gamma")
VECTORS = models.VectorParams(size=8, distance=models.Distance.COSINE)


class Place:
    """A Qdrant server, and collections made there as others make them."""

    def __init__(self, url: str, client: AsyncQdrantClient, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.client = client
        self._session = session

    async def fill(self, vectors: Any, *, name: str = "") -> str:
        """Make a collection in LangChain's layout and return its name."""
        collection = f"Their Docs {uuid.uuid4().hex}".replace(" ", "_")
        await self.client.create_collection(collection, vectors_config=vectors)
        points = [
            models.PointStruct(
                id=n,
                vector={name: vector_of(text).tolist()} if name else vector_of(text).tolist(),
                payload={"page_content": text, "metadata": {"source": f"https://x.y/{text}"}},
            )
            for n, text in enumerate(TEXTS)
        ]
        await self.client.upsert(collection, points, wait=True)
        return collection

    def index(
        self, collection: str, *, identity: IndexIdentity = IDENTITY, **options: Any
    ) -> ExistingIndex:
        """Return an index on it."""
        place: dict[str, Any] = {
            "url": self.url,
            "api_key": None,
            "limit_s": LONG_ENOUGH_S,
            **options,
        }
        return ExistingIndex(
            self._session,
            collection=collection,
            identity=identity,
            payload_map=PayloadMap({}),
            **place,
        )


@pytest.fixture
async def place(qdrant_url: str) -> AsyncGenerator[Place]:
    async with aiohttp.ClientSession() as session:
        client = AsyncQdrantClient(url=qdrant_url, check_compatibility=False, timeout=LONG_ENOUGH_S)
        yield Place(qdrant_url, client, session)
        for collection in (await client.get_collections()).collections:
            if collection.name.startswith("Their_Docs"):
                await client.delete_collection(collection.name)
        await client.close()


@pytest.mark.parametrize(
    ("vectors", "name", "options"),
    [
        (VECTORS, "", {}),
        ({"meaning": VECTORS}, "meaning", {}),
        ({"meaning": VECTORS, "other": VECTORS}, "meaning", {"vector_name": "meaning"}),
        (models.VectorParams(size=8, distance=models.Distance.DOT), "", {}),
    ],
)
async def test_it_is_searched_as_one_book_by_meaning(
    place: Place, vectors: Any, name: str, options: dict[str, Any]
) -> None:
    index = place.index(await place.fill(vectors, name=name), **options)
    await index.open()
    (book,) = await index.books()
    assert book.book_id.startswith("their_docs")
    assert await index.lexicon(book, deadline=ample_time()) is None
    best, *_ = await nearest(index, vector_of("Beta"))
    assert (best.chunk.text, best.chunk.url) == ("Beta", "https://x.y/Beta")
    assert best.score == pytest.approx(1.0, abs=1e-5)
    await index.check()
    await index.refresh()
    assert await index.books() == (book,)


async def test_what_it_does_not_have_finds_nothing(place: Place) -> None:
    index = place.index(await place.fill(VECTORS))
    vector = vector_of("Beta")
    wheres = [
        Where(books=("another",)),
        Where(routes=("/x",)),
        Where(document_ids=("https://x.y/Alpha",)),
    ]
    queries = [IndexQuery(vector, where, 9) for where in wheres]
    queries += [IndexQuery({7: 1.0}, Where(), 9), IndexQuery(vector, Where(), 0)]
    found = await index.find(queries, deadline=ample_time())
    assert [len(hits) for hits in found] == [0, 0, 1, 0, 0]
    assert await index.find(queries[:1], deadline=ample_time()) == [()]
    ids = ["1", "99", "no id", str(uuid.uuid4())]
    assert set(await index.read(ids, deadline=ample_time())) == {"1"}
    assert await index.read(["1"], deadline=ample_time(), books=["another"]) == {}


@pytest.mark.parametrize(
    ("vectors", "identity", "said"),
    [
        (VECTORS, IndexIdentity("mini", 16), "8 dimensions, mini makes 16"),
        (models.VectorParams(size=8, distance=models.Distance.EUCLID), IDENTITY, "compares by"),
        ({"one": VECTORS, "two": VECTORS}, IDENTITY, "QDRANT_VECTOR_NAME to one of: 'one', 'two'"),
    ],
)
async def test_one_that_cannot_be_searched_stops_the_start_in_one_line(
    place: Place, vectors: Any, identity: IndexIdentity, said: str
) -> None:
    collection = f"Their_Docs_{uuid.uuid4().hex}"
    await place.client.create_collection(collection, vectors_config=vectors)
    index = place.index(collection, identity=identity)
    with pytest.raises(ConfigurationError, match=said) as refused:
        await index.open()
    assert "\n" not in str(refused.value)
    with pytest.raises(RetrievalUnavailable):
        await index.books()


async def test_one_that_is_not_there_stops_the_start(place: Place) -> None:
    with pytest.raises(ConfigurationError, match="not on the server"):
        await place.index("Never_Made").open()


async def test_a_server_that_is_down_does_not(place: Place) -> None:
    index = place.index("any", url=f"http://127.0.0.1:{free_port()}")
    await index.open()
    with pytest.raises(RetrievalUnavailable):
        await index.books()
