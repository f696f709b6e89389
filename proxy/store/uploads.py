"""Files that authors sent, whole: what ingest jobs read."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from proxy.caller import Caller
from proxy.store.conversations import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it was sent."""

    file_id: str
    owner_id: str
    filename: str
    """Its path within a book too: with forward slashes."""
    purpose: str
    size_bytes: int
    created: datetime


class Uploads(Protocol):
    """Keeps files; every method raises `StoreUnavailable` when the database does not answer.

    An admin sees all of them, everybody else their own; others are as ones that do not exist.
    """

    async def add(self, upload: Upload, pieces: Iterable[bytes]) -> None:
        """Keep a file, all of it or nothing; durable on return."""
        ...

    async def find(self, caller: Caller, file_id: str) -> Upload | None:
        """Return a file, None where there is none."""
        ...

    async def uploads(
        self, caller: Caller, *, limit: int, after: str | None = None, purpose: str | None = None
    ) -> Page[Upload]:
        """Return files, the newest first.

        `after` is the id of the last one of the page before; an unknown one gives an empty page.
        """
        ...

    async def delete(self, caller: Caller, file_id: str) -> bool:
        """Forget a file; False where there was none."""
        ...

    def content(self, file_id: str) -> AsyncGenerator[bytes]:
        """Yield what a file holds, in pieces; nothing for one that does not exist."""
        ...
