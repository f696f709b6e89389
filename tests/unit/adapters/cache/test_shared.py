"""A Redis that is away: nothing is remembered, nothing fails, and it is left alone for a moment."""

from redis.asyncio import Redis

from proxy.adapters.cache.shared import SharedCache
from proxy.bootstrap.redis import redis_pool
from proxy.telemetry.metrics import REGISTRY
from tests.support.serving import free_port
from tests.support.valkey_server import patient_url, running_valkey
from tests.unit.adapters.cache.test_memory import Clock


def _missed() -> float:
    return REGISTRY.get_sample_value("book_proxy_cache_unavailable_total") or 0


async def test_a_redis_that_is_away_is_no_failure_and_is_asked_again_later() -> None:
    clock, port = Clock(), free_port()
    pool = redis_pool(patient_url(port))
    cache = SharedCache(Redis(connection_pool=pool), ttl_s=60, clock=clock)
    before = _missed()
    assert await cache.get("a") is None
    await cache.put("a", b"1")
    assert _missed() == before + 2
    with running_valkey(port):
        await cache.put("a", b"1")
        assert await cache.get("a") is None, "it is left alone"
        clock.now_s = 5
        await cache.put("a", b"1")
        assert await cache.get("a") == b"1"
    await pool.aclose()


async def test_values_end_with_their_time() -> None:
    with running_valkey() as server:
        pool = redis_pool(patient_url(server.port))
        redis = Redis(connection_pool=pool)
        await SharedCache(redis, ttl_s=60).put("a", b"1")
        assert 0 < await redis.pttl("book-proxy:cache:a") <= 60_000
        await pool.aclose()
