"""What is known of books beside their index: empty ones, and which upload is which page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Shelf:
    """A book that was created before anything was put into it, and what its author noted."""

    book: str
    name: str
    created: datetime
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ShelvedFile:
    """A place in a book that an upload was put in."""

    book: str
    path: str
    file_id: str
    job_id: str
    """The job that put it there last."""
    created: datetime
    attributes: Mapping[str, str | float | bool] = field(
        default_factory=dict[str, str | float | bool]
    )


class Shelves(Protocol):
    """Keeps shelves; every method raises `StoreUnavailable` when the database does not answer."""

    async def add(self, shelf: Shelf) -> bool:
        """Keep a new shelf; False where the book has one."""
        ...

    async def shelves(self) -> Sequence[Shelf]:
        """Return all of them, ordered by book."""
        ...

    async def files(self, book: str) -> Sequence[ShelvedFile]:
        """Return the files in a book, ordered by path."""
        ...

    async def places(self, file_id: str) -> Sequence[ShelvedFile]:
        """Return where a file stands, ordered by book."""
        ...

    async def clear(self, book: str) -> bool:
        """Forget a book's shelf and its files; False where it had no shelf."""
        ...
