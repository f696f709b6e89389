"""How a Qdrant server is addressed, and what every call tells it."""

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from proxy.adapters.qdrant.rest import QdrantRest


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://qdrant", "http://qdrant:6333"),
        ("https://x.cloud.qdrant.io", "https://x.cloud.qdrant.io:6333"),
        ("http://qdrant:80", "http://qdrant"),
        ("https://books.example:443/qdrant", "https://books.example/qdrant"),
    ],
)
async def test_a_url_without_a_port_means_qdrants_own(url: str, base: str) -> None:
    async with aiohttp.ClientSession() as session:
        assert str(QdrantRest(session, url, None).base) == base


async def test_every_call_says_who_calls_and_they_share_a_connection() -> None:
    heads: list[tuple[str, str | None, str | None, str | None]] = []
    connections: set[object] = set()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        told = request.headers
        heads.append(
            (request.path, told.get("authorization"), told.get("api-key"), told["accept-encoding"])
        )
        connections.add(request.transport)
        return web.json_response({"result": [7]})

    async with RawTestServer(answer) as server, aiohttp.ClientSession() as session:
        url = server.make_url("/behind").with_user("reader").with_password("s3cret")
        rest = QdrantRest(session, str(url), "k")
        path = "collections/books"
        assert await rest.get(path, timeout_s=5) == [7]
        assert await rest.post(f"{path}/points", {"ids": []}, timeout_s=5) == [7]
        assert await rest.post(f"{path}/points", {"ids": []}, timeout_s=5) == [7]
    basic = aiohttp.encode_basic_auth("reader", "s3cret")
    said = (basic, "k", "identity")
    assert heads == [
        ("/behind/collections/books", *said),
        ("/behind/collections/books/points", *said),
        ("/behind/collections/books/points", *said),
    ]
    assert len(connections) == 1
