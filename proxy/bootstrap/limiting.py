"""What limits callers and counts their use: settings to the gate."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from limits.aio.storage import Storage

from proxy.caller import Allowance
from proxy.errors import StoreUnavailable
from proxy.limits.accounts import Accounts
from proxy.limits.fair_share import FairShare
from proxy.limits.gate import Gate
from proxy.limits.windows import RateWindows
from proxy.settings import Settings
from proxy.state import IN_PROCESS, DependencyCheck
from proxy.store import LazyStore

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

DEFAULT_REQUESTS_PER_MINUTE = 60
DEFAULT_TOKENS_PER_MINUTE = 200_000


def accounts_in(store: LazyStore, *, has_auth: bool) -> Accounts:
    """Return what counts use; with nobody to tell apart, it opens no database of its own accord."""
    return Accounts(store, always=has_auth)


async def gate_for(
    settings: Settings, accounts: Accounts, *, has_auth: bool, stack: AsyncExitStack
) -> tuple[Gate, dict[str, DependencyCheck]]:
    """Return the gate, with how to ask whether what it counts in works."""
    limits = settings.limits
    requests, tokens = limits.requests_per_minute, limits.tokens_per_minute
    if has_auth and requests is None:
        requests = DEFAULT_REQUESTS_PER_MINUTE
    if has_auth and tokens is None:
        tokens = DEFAULT_TOKENS_PER_MINUTE
    shared, pool = await _redis(settings, stack)
    share = None
    if limits.upstream_requests_per_minute or limits.upstream_tokens_per_minute:
        share = FairShare(
            limits.upstream_requests_per_minute,
            limits.upstream_tokens_per_minute,
            max_wait_s=limits.queue_wait_s,
        )
        if pool is not None:
            await stack.enter_async_context(_divided(share, pool))
    gate = Gate(
        RateWindows(shared),
        accounts,
        allowance=Allowance(requests, tokens),
        share=share,
        question_log=settings.store.question_log,
    )
    return gate, {} if shared is None else {"redis": DependencyCheck(_check(shared), IN_PROCESS)}


def _divided(share: FairShare, pool: "ConnectionPool") -> AbstractAsyncContextManager[None]:
    """Keep the share to this process's part of the quota, as many as there are."""
    from redis.asyncio import Redis  # noqa: PLC0415

    from proxy.adapters.presence import Presence  # noqa: PLC0415

    return Presence(Redis(connection_pool=pool)).told(share.divide)


async def _redis(
    settings: Settings, stack: AsyncExitStack
) -> "tuple[Storage | None, ConnectionPool | None]":
    if settings.limits.redis_url is None:
        return None, None
    # 0.2 s to import, for those who have it.
    await asyncio.to_thread(import_module, "redis.asyncio")
    storage, pool = redis_storage(settings.limits.redis_url.get_secret_value())
    stack.push_async_callback(pool.aclose)
    return storage, pool


def redis_storage(url: str) -> "tuple[Storage, ConnectionPool]":
    """Return what counts in a Redis or Valkey, and the connections to close in the end.

    Raises:
        ConfigurationError: it is not the URL of one.
    """
    from limits.aio.storage import RedisStorage  # noqa: PLC0415

    from proxy.bootstrap.redis import redis_pool, redis_url  # noqa: PLC0415

    pool = redis_pool(url)
    storage = RedisStorage(
        f"async+{redis_url(url)}",
        implementation="redispy",
        wrap_exceptions=True,
        key_prefix="book-proxy",
        connection_pool=pool,  # pyright: ignore[reportArgumentType] - documented, not annotated
    )
    return storage, pool


def _check(storage: Storage) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        if not await storage.check():
            raise StoreUnavailable("Redis does not answer.", code="redis_unavailable")

    return check
