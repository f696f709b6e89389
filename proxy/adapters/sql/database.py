"""One database: its connections, its transactions, its failures.

Every transaction runs to its end in a task of its own: a reader who goes away never leaves a
connection in the middle of something, and what was begun to be written is written.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table, delete, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random

from proxy.adapters.sql.addresses import Address
from proxy.adapters.sqlite_codes import primary_code
from proxy.errors import StoreUnavailable
from proxy.store import Page

ResultT = TypeVar("ResultT")
Work = Callable[[AsyncConnection], Awaitable[ResultT]]
Query = Select[*tuple[Any, ...]]
Record = Callable[[Row[Any]], ResultT]
"""A row to what it stands for."""

_LIMIT_S = 30.0
"""For one transaction, the wait for a connection included."""
_ANSWER_LIMIT_S = 3.0
"""For a server to give or confirm a connection; one that does not is away."""
_PAUSE_S = 2.0
"""A server that was silent is left alone this long: not every reader waits for it in turn."""
_CLOSE_LIMIT_S = 10.0
_CONNECTIONS = 20
_POOL = {
    "pool_size": 10,
    "max_overflow": _CONNECTIONS - 10,
    "pool_timeout": 30.0,
    "pool_recycle": 300,
}
_BUSY_TIMEOUT_MS = 5_000
_WRITES = "book_proxy_writes"


class Database:
    """Runs transactions."""

    def __init__(self, address: Address) -> None:
        self.is_sqlite = address.is_sqlite
        self._engine = _engine(address)
        self._writers = self._engine.execution_options(**{_WRITES: True})
        # SQLite has one writer: waiting in line here is fair, its own waiting is not.
        self._line: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if address.is_sqlite else nullcontext()
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._silent_at_s = -_PAUSE_S

    async def read(self, work: Work[ResultT]) -> ResultT:
        """Return what `work` reads in one transaction.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._to_its_end(self._run(self._engine, work))

    async def one(self, query: Query, record: Record[ResultT]) -> ResultT | None:
        """Return the record of the one row that a query finds, None where it finds none."""

        async def work(connection: AsyncConnection) -> ResultT | None:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else record(row)

        return await self.read(work)

    async def all(self, query: Query, record: Record[ResultT]) -> list[ResultT]:
        """Return the records of all rows that a query finds."""

        async def work(connection: AsyncConnection) -> list[ResultT]:
            return [record(row) for row in await connection.execute(query)]

        return await self.read(work)

    async def page(self, query: Query, record: Record[ResultT], *, limit: int) -> Page[ResultT]:
        """Return the records of the first rows that a query finds."""
        records = await self.all(query.limit(limit + 1), record)
        return Page(records[:limit], len(records) > limit)

    async def write(self, work: Work[ResultT]) -> ResultT:
        """Return what `work` returns once all that it wrote is durable.

        Raises:
            StoreUnavailable: the database does not answer, and nothing was written.
        """
        return await self._to_its_end(self._write(work))

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an INSERT that knows `ON CONFLICT`."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def forget(self, table: Table, is_old: ColumnElement[bool], rows: int) -> int:
        """Remove rows of a table that has an `id`, so many at most; return how many there were."""
        some = select(table.c.id).where(is_old).limit(rows)

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(delete(table).where(table.c.id.in_(some)))).rowcount

        return await self.write(work)

    async def check(self) -> None:
        """Return when the database answers.

        Raises:
            StoreUnavailable: it does not.
        """

        async def ask(connection: AsyncConnection) -> None:
            await connection.execute(text("SELECT 1"))

        await self.read(ask)

    async def close(self) -> None:
        """Finish what is under way and let go of all connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_LIMIT_S)
        await self._engine.dispose()

    async def _write(self, work: Work[ResultT]) -> ResultT:
        async with self._line:
            return await self._run(self._writers, work)

    async def _run(self, engine: AsyncEngine, work: Work[ResultT]) -> ResultT:
        if time.monotonic() - self._silent_at_s < _PAUSE_S:
            raise StoreUnavailable("The database did not answer a moment ago.")
        try:
            async with asyncio.timeout(_LIMIT_S):
                connection = await self._connected(engine)
                async with aclosing(connection), connection.begin():
                    return await work(connection)
        except (DBAPIError, PoolTimeout, TimeoutError, OSError) as exc:
            raise StoreUnavailable("The database does not answer.") from exc

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        """Return a connection that works, to be closed."""
        pool = engine.pool
        if self.is_sqlite:
            # SQLite does not wait by itself where two turn a new file into a WAL at once: one of
            # them is told at once that it is locked (https://sqlite.org/rescode.html#busy).
            return await AsyncRetrying(
                retry=retry_if_exception(_is_locked),
                stop=stop_after_delay(_BUSY_TIMEOUT_MS / 1000),
                wait=wait_random(0.001, 0.05),
                reraise=True,
            )(_connect, engine)
        if not isinstance(pool, QueuePool) or pool.checkedout() >= _CONNECTIONS:
            return await engine.connect()  # which is to wait for others of ours, not for the server
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                return await engine.connect()
        except TimeoutError:
            self._silent_at_s = time.monotonic()
            raise

    async def _to_its_end(self, work: Awaitable[ResultT]) -> ResultT:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: "asyncio.Future[Any]") -> None:
        self._tasks.discard(task)  # pyright: ignore[reportArgumentType] - of a coroutine, so a task
        if not task.cancelled():
            task.exception()  # seen; whoever waited got it, and a reader that is gone needs it not


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def _engine(address: Address) -> AsyncEngine:
    if not address.is_sqlite:
        return create_async_engine(
            address.url, pool_pre_ping=True, connect_args=dict(address.connect_args), **_POOL
        )
    engine = create_async_engine(address.url)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins, not the driver
    cursor = connection.cursor()
    try:
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is deleted is overwritten, not only unlinked
        ):
            cursor.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()  # the pool has not heard of it yet
        raise
    cursor.close()


def _is_locked(exc: BaseException) -> bool:
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    return isinstance(cause, sqlite3.Error) and primary_code(cause) == sqlite3.SQLITE_BUSY


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a read that becomes a write would fail, or lose updates."""
    is_write = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
