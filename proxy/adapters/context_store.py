"""`ports.ContextStore` in files: a context is paid for once."""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path

from proxy.adapters.book_files import BookFiles

_TABLE = "CREATE TABLE IF NOT EXISTS contexts (key BLOB PRIMARY KEY, context TEXT) WITHOUT ROWID"


class SqliteContextStore:
    """Keeps contexts, by book, in files below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._files = BookFiles(folder, _TABLE)

    async def known(self, book_id: str, keys: Collection[str]) -> Mapping[str, str]:
        """See `ports.ContextStore.known`."""
        if not keys or not await self._files.holds(book_id):
            return {}

        def read(file: sqlite3.Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for key in keys:
                query = "SELECT context FROM contexts WHERE key = ?"
                if row := file.execute(query, (bytes.fromhex(key),)).fetchone():
                    found[key] = row[0]
            return found

        return await self._files.work(book_id, read)

    async def add(self, book_id: str, contexts: Mapping[str, str]) -> None:
        """See `ports.ContextStore.add`."""
        rows = [(bytes.fromhex(key), context) for key, context in contexts.items()]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO contexts VALUES (?, ?)", rows)

        await self._files.work(book_id, write)
