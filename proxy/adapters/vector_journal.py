"""`ports.VectorJournal` in files: what was embedded outlives the ingest that paid for it."""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from proxy.adapters.book_files import BookFiles
from proxy.queries import FloatVector

_AT_ONCE = 500
_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (text_hash BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
)


class SqliteVectorJournal:
    """Keeps vectors of one model and size, by book, in files below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._files = BookFiles(folder, _TABLE)

    async def known(self, book_id: str, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """See `ports.VectorJournal.known`."""
        if not await self._files.holds(book_id):
            return {}
        return await self._files.work(book_id, lambda file: _read(file, list(text_hashes)))

    async def known_texts(self, book_id: str) -> Collection[str]:
        """See `ports.VectorJournal.known_texts`."""
        if not await self._files.holds(book_id):
            return ()
        return await self._files.work(book_id, _names)

    async def add(self, book_id: str, vectors: Mapping[str, FloatVector]) -> None:
        """See `ports.VectorJournal.add`."""
        rows = [
            (bytes.fromhex(name), vector.astype("<f4").tobytes())
            for name, vector in vectors.items()
        ]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

        await self._files.work(book_id, write)

    async def clear(self, book_id: str) -> None:
        """See `ports.VectorJournal.clear`."""
        await self._files.remove(book_id)


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
