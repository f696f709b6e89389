"""What is remembered to save the upstream the same work twice: settings to the cache."""

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module

from proxy.adapters.cache.memory import MemoryCache
from proxy.ports import BookIndex, Cache
from proxy.rag.recall import AnswerMemory
from proxy.settings import Settings

_MB = 1024 * 1024


async def cache_for(settings: Settings, stack: AsyncExitStack) -> Cache:
    """Return the cache: in Redis where there is one, else in this process."""
    ttl_s = settings.cache.ttl_s
    if settings.limits.redis_url is None:
        return MemoryCache(max_bytes=settings.cache.max_mb * _MB, ttl_s=ttl_s)
    await asyncio.to_thread(import_module, "redis.asyncio")
    from redis.asyncio import Redis  # noqa: PLC0415

    from proxy.adapters.cache.shared import SharedCache  # noqa: PLC0415
    from proxy.bootstrap.redis import redis_pool  # noqa: PLC0415

    pool = redis_pool(settings.limits.redis_url.get_secret_value())
    stack.push_async_callback(pool.aclose)
    return SharedCache(Redis(connection_pool=pool), ttl_s=ttl_s)


def memory_of(settings: Settings, cache: Cache, index: BookIndex) -> AnswerMemory | None:
    """Return what remembers whole answers, None where no book allows it."""
    books = settings.cache.answers_of
    return AnswerMemory(cache, index, books) if books else None
