"""A SQLite file per book, in a folder: for what an ingest keeps and could also make again.

Only the process that holds a book's lock opens its file, in one thread at a time: of two that make
or leave a WAL at the same instant SQLite refuses one. A file that is damaged is worth nothing more
than the calls it would have saved: it is begun anew. One that is only locked, or whose disk is
full, is kept: it was paid for.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from proxy.adapters.sqlite_codes import primary_code
from proxy.errors import RetrievalUnavailable

ResultT = TypeVar("ResultT")

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""The last is a table of another shape, or text that is none."""


class BookFiles:
    """The files below `folder`, each with the table that the statement `table` makes."""

    def __init__(self, folder: Path, table: str) -> None:
        self._folder = folder
        self._table = table
        self._turn = threading.Lock()

    async def holds(self, book_id: str) -> bool:
        """Whether there is a file for the book."""
        return await asyncio.to_thread(self._path(book_id).exists)

    async def work(self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Return what `work` comes to, done in one transaction and in a thread.

        Raises:
            RetrievalUnavailable: the file can be neither read nor begun anew.
        """
        return await asyncio.to_thread(self._run, book_id, work)

    async def remove(self, book_id: str) -> None:
        """Remove the book's file, if there is one."""
        await asyncio.to_thread(self._remove, book_id)

    def _path(self, book_id: str) -> Path:
        return self._folder / f"{book_id}.sqlite3"

    def _run(self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        try:
            with self._turn:
                return self._undamaged(book_id, work)
        except (sqlite3.Error, OSError) as exc:
            raise RetrievalUnavailable(
                f"What an ingest has paid for cannot be kept in {self._folder}: {exc}"
            ) from exc

    def _undamaged(self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        try:
            return self._in_transaction(book_id, work)
        except sqlite3.DatabaseError as exc:
            if primary_code(exc) not in _DAMAGED:
                raise
            self._remove(book_id)
            return self._in_transaction(book_id, work)

    def _in_transaction(
        self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]
    ) -> ResultT:
        self._folder.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path(book_id))) as file:
            for pragma in _PRAGMAS:
                file.execute(f"PRAGMA {pragma}")
            with file:
                file.execute(self._table)
                return work(file)

    def _remove(self, book_id: str) -> None:
        path = self._path(book_id)
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
