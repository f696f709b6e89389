"""Stores on real databases, for tests of what uses one."""

import contextlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proxy.adapters.sql.addresses import read_address
from proxy.adapters.sql.store import open_sql_store
from proxy.caller import Caller
from proxy.errors import StoreUnavailable
from proxy.store import Conversation, LazyStore, Message, Store

ANN = Caller("jwt:ann", "reader")
BEN = Caller("jwt:ben", "reader")
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def sqlite_url(folder: Path) -> str:
    """Return the `DATABASE_URL` of a database in a folder."""
    return f"sqlite+aiosqlite:///{folder / 'readers.sqlite3'}"


@contextlib.asynccontextmanager
async def opened_store(database_url: str) -> AsyncGenerator[Store]:
    """Open a store."""
    store = await open_sql_store(read_address(database_url))
    try:
        yield store
    finally:
        await store.close()


def lazily(store: Store) -> LazyStore:
    """Return an open store as those take it who open one when they need it."""

    async def give() -> Store:
        return store

    return LazyStore(give)


def away() -> LazyStore:
    """Return a store whose database does not answer."""

    async def fail() -> Store:
        raise StoreUnavailable("The database does not answer.")

    return LazyStore(fail)


def conversation(name: str = "conv_1", *, minute: int = 0) -> Conversation:
    """Return a conversation begun that many minutes after `START`."""
    when = START + timedelta(minutes=minute)
    return Conversation(name, f"About {name}", when, when)


def question(name: str, text: str = "why?", *, minute: int = 0) -> Message:
    """Return a question."""
    when = START + timedelta(minutes=minute)
    return Message(message_id=name, kind="user", text=text, created=when)


def answer(name: str, text: str = "because", *, minute: int = 0) -> Message:
    """Return an answer."""
    when = START + timedelta(minutes=minute)
    return Message(message_id=name, kind="assistant", text=text, created=when)


async def kept_turn(store: Store, name: str = "conv_1", n: int = 1, *, minute: int = 0) -> None:
    """Keep a question of Ann and its answer."""
    begun = await store.conversations.begin_turn(
        ANN, conversation(name), question(f"{name}-q{n}", minute=minute), f"{name}-a{n}"
    )
    ended = await store.conversations.finish_turn(ANN, name, answer(f"{name}-a{n}", minute=minute))
    assert (begun, ended) == (True, True)
