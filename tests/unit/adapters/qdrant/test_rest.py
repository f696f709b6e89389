"""How a Qdrant server is addressed."""

import aiohttp
import pytest

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
