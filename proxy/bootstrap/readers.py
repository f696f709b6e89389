"""What knows readers: the store, who they are, their conversations."""

import asyncio
import os
import secrets
from contextlib import AsyncExitStack, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

import aiohttp

from proxy.adapters.jwks import fetch_jwks
from proxy.errors import ConfigurationError, StoreUnavailable
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.key_set import KeySet
from proxy.identity.tokens import TokenVerifier
from proxy.settings import Settings
from proxy.store import LazyStore, Retention, Store

_SECRET_BYTES = 32


def lazy_store(settings: Settings) -> LazyStore:
    """Return the store, not yet opened.

    Raises:
        ConfigurationError: `DATABASE_URL` is none that we can use.
    """
    if settings.store.database_url is not None:
        from proxy.adapters.sql.addresses import read_address  # noqa: PLC0415 - see below

        read_address(settings.database_url)
    return LazyStore(partial(_open_store, settings))


async def _open_store(settings: Settings) -> Store:
    # SQLAlchemy takes half a second to import, and many a proxy never needs it.
    await asyncio.to_thread(import_module, "proxy.adapters.sql.store")
    from proxy.adapters.sql.addresses import read_address  # noqa: PLC0415
    from proxy.adapters.sql.store import open_sql_store  # noqa: PLC0415

    address = read_address(settings.database_url)
    if settings.store.database_url is None:
        settings.server.data_dir.mkdir(parents=True, exist_ok=True)
    return await open_sql_store(address)


async def kept_store(settings: Settings, stack: AsyncExitStack) -> LazyStore:
    """Return the store, not yet opened; what was in it for long enough is removed.

    Raises:
        ConfigurationError: `DATABASE_URL` is none that we can use.
    """
    kept = settings.store
    store = await stack.enter_async_context(lazy_store(settings))
    retention = Retention(store, kept.conversation_days, kept.question_log_days)
    await stack.enter_async_context(retention.applied())
    return store


async def has_stored_keys(settings: Settings, store: LazyStore) -> bool:
    """Whether a key was ever created; True where that cannot be told, which lets nobody in."""
    if settings.store.database_url is None and not settings.sqlite_path.exists():
        return False
    try:
        return bool(await (await store()).keys.keys())
    except StoreUnavailable:
        return True


async def has_open_jobs(settings: Settings, store: LazyStore) -> bool:
    """Whether ingest jobs were left unfinished; True where that cannot be told yet."""
    if settings.store.database_url is None and not settings.sqlite_path.exists():
        return False
    try:
        return await (await store()).jobs.has_open()
    except StoreUnavailable:
        return True


def token_verifier(
    settings: Settings, session: aiohttp.ClientSession
) -> tuple[TokenVerifier | None, KeySet | None]:
    """Return what verifies tokens, None where there are none, and the keys it fetches, if any."""
    tokens = settings.tokens
    if tokens.issuer is None or tokens.audience is None:
        return None, None  # `load_settings` has made sure that tokens are not configured
    named = {"issuer": tokens.issuer, "audience": tokens.audience}
    if tokens.secret is not None:
        return TokenVerifier(tokens.secret.get_secret_value().encode(), **named), None
    if tokens.jwks_url is None:
        return None, None
    keys = KeySet(partial(fetch_jwks, session, tokens.jwks_url))
    return TokenVerifier(keys, **named), keys


def anonymous_ids(settings: Settings) -> AnonymousIds:
    """Return what signs anonymous ids; its secret is made once where none is configured."""
    given = settings.store.anonymous_secret
    if given is not None:
        return AnonymousIds(given.get_secret_value().encode())
    if not settings.server.allow_anonymous:
        return AnonymousIds(secrets.token_bytes(_SECRET_BYTES))  # signs nothing
    return AnonymousIds(_kept_secret(settings.server.data_dir / "anonymous.key"))


def _kept_secret(path: Path) -> bytes:
    """Return the secret in a file that only we may read, made by whichever process comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(secrets.token_bytes(_SECRET_BYTES))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    kept = path.read_bytes()
    if len(kept) < _SECRET_BYTES:
        raise ConfigurationError(f"{path} is not a secret of ours; remove it for a new one")
    return kept
