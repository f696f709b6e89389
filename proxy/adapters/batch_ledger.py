"""`ports.BatchLedger` in small files, one per batch: its name, and the texts that were sent.

Only the process that holds a book's lock has its batches. A file that cannot be read is no batch:
its texts are embedded again.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from proxy.errors import RetrievalUnavailable


class FileBatchLedger:
    """Keeps the batches of one model and size, by book, in folders below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open_batches(self, book_id: str) -> Mapping[str, Sequence[str]]:
        """See `ports.BatchLedger.open_batches`."""
        return await asyncio.to_thread(self._read, book_id)

    async def note(self, book_id: str, name: str, text_hashes: Sequence[str]) -> None:
        """See `ports.BatchLedger.note`."""
        noted = orjson.dumps({"name": name, "text_hashes": list(text_hashes)})
        try:
            await asyncio.to_thread(_write, self._path(book_id, name), noted)
        except OSError as exc:
            raise RetrievalUnavailable(f"A batch cannot be noted in {self._folder}: {exc}") from exc

    async def forget(self, book_id: str, name: str) -> None:
        """See `ports.BatchLedger.forget`."""
        await asyncio.to_thread(self._path(book_id, name).unlink, missing_ok=True)

    def _path(self, book_id: str, name: str) -> Path:
        file = hashlib.sha256(name.encode()).hexdigest()[:32]
        return self._folder / f"{book_id}.batches" / f"{file}.json"

    def _read(self, book_id: str) -> dict[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        for path in sorted((self._folder / f"{book_id}.batches").glob("*.json")):
            with contextlib.suppress(OSError, orjson.JSONDecodeError, KeyError, TypeError):
                noted = orjson.loads(path.read_bytes())
                found[str(noted["name"])] = [str(one) for one in noted["text_hashes"]]
        return found


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
