"""`ports.VectorJournal` in a SQLite file per book: what was embedded outlives the ingest that paid.

Only the process that holds a book's lock opens its journal. A file that cannot be read is worth
nothing more than the calls it would have saved: it is begun anew.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from proxy.errors import RetrievalUnavailable
from proxy.queries import FloatVector

ResultT = TypeVar("ResultT")

_AT_ONCE = 500
_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (text_hash BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
)
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")


class SqliteVectorJournal:
    """Keeps vectors of one model and size, by book, in files below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def known(self, book_id: str, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """See `ports.VectorJournal.known`."""
        if not await asyncio.to_thread(self._path(book_id).exists):
            return {}
        return await self._with(book_id, lambda file: _read(file, list(text_hashes)))

    async def known_texts(self, book_id: str) -> Collection[str]:
        """See `ports.VectorJournal.known_texts`."""
        if not await asyncio.to_thread(self._path(book_id).exists):
            return ()
        return await self._with(book_id, _names)

    async def add(self, book_id: str, vectors: Mapping[str, FloatVector]) -> None:
        """See `ports.VectorJournal.add`."""
        rows = [
            (bytes.fromhex(name), vector.astype("<f4").tobytes())
            for name, vector in vectors.items()
        ]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

        await self._with(book_id, write)

    async def clear(self, book_id: str) -> None:
        """See `ports.VectorJournal.clear`."""
        await asyncio.to_thread(self._remove, book_id)

    def _path(self, book_id: str) -> Path:
        return self._folder / f"{book_id}.sqlite3"

    async def _with(self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        return await asyncio.to_thread(self._run, book_id, work)

    def _run(self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        try:
            try:
                return self._in_transaction(book_id, work)
            except sqlite3.DatabaseError:
                self._remove(book_id)
                return self._in_transaction(book_id, work)
        except (sqlite3.Error, OSError) as exc:
            raise RetrievalUnavailable(
                f"What was embedded cannot be kept in {self._folder}: {exc}"
            ) from exc

    def _in_transaction(
        self, book_id: str, work: Callable[[sqlite3.Connection], ResultT]
    ) -> ResultT:
        self._folder.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path(book_id))) as file:
            for pragma in _PRAGMAS:
                file.execute(f"PRAGMA {pragma}")
            with file:
                file.execute(_TABLE)
                return work(file)

    def _remove(self, book_id: str) -> None:
        path = self._path(book_id)
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)


def _names(file: sqlite3.Connection) -> list[str]:
    return [name.hex() for (name,) in file.execute("SELECT text_hash FROM vectors")]


def _read(file: sqlite3.Connection, names: list[str]) -> dict[str, FloatVector]:
    found: dict[str, FloatVector] = {}
    for start in range(0, len(names), _AT_ONCE):
        keys: list[Any] = [bytes.fromhex(name) for name in names[start : start + _AT_ONCE]]
        marks = ",".join("?" * len(keys))
        query = f"SELECT text_hash, vector FROM vectors WHERE text_hash IN ({marks})"  # noqa: S608 - marks only
        for name, vector in file.execute(query, keys):
            found[name.hex()] = np.frombuffer(vector, "<f4").astype(np.float32)
    return found
