"""Processes that share a Redis know how many they are; without it, the last number stands."""

import asyncio

from redis.asyncio import Redis

from proxy.adapters.presence import Presence
from proxy.bootstrap.redis import redis_pool
from tests.support.serving import free_port
from tests.support.valkey_server import patient_url, running_valkey


async def test_each_counts_all_and_who_ends_is_counted_no_more() -> None:
    told: list[tuple[str, int]] = []
    with running_valkey() as server:
        pool = redis_pool(patient_url(server.port))
        redis = Redis(connection_pool=pool)
        async with Presence(redis).told(lambda n: told.append(("first", n))):
            async with Presence(redis).told(lambda n: told.append(("second", n))):
                pass
            async with Presence(redis).told(lambda n: told.append(("third", n))):
                pass
        assert told == [("first", 1), ("second", 2), ("third", 2)]
        await pool.aclose()


async def test_one_that_was_killed_is_forgotten() -> None:
    told: list[int] = []
    with running_valkey() as server:
        pool = redis_pool(patient_url(server.port))
        redis = Redis(connection_pool=pool)
        await redis.zadd("book-proxy:processes", {"killed": 1.0})
        async with Presence(redis).told(told.append):
            assert told == [1]
        await pool.aclose()


async def test_a_redis_that_is_away_tells_nothing_and_stops_nothing() -> None:
    told: list[int] = []
    pool = redis_pool(f"redis://127.0.0.1:{free_port()}")
    async with Presence(Redis(connection_pool=pool)).told(told.append):
        await asyncio.sleep(0)
    assert told == []
    await pool.aclose()
