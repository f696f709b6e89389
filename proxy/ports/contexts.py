"""What says of a chunk where in its page it stands, and keeps what was said."""

from collections.abc import Collection, Mapping
from typing import Protocol

from proxy.deadline import Deadline


class ContextAuthor(Protocol):
    """Writes a sentence or two that place a passage in its page."""

    async def write(self, page: str, passage: str, *, deadline: Deadline) -> str:
        """Return the sentences on one line, never empty.

        Raises:
            ProxyError: the model refused, failed, said nothing or took too long.
        """
        ...


class ContextStore(Protocol):
    """Keeps the contexts of a book's chunks from one ingest to the next."""

    async def known(self, book_id: str, keys: Collection[str]) -> Mapping[str, str]:
        """Return the contexts kept under these keys, hex SHA-256 each."""
        ...

    async def add(self, book_id: str, contexts: Mapping[str, str]) -> None:
        """Keep contexts; durable against the end of this process."""
        ...
