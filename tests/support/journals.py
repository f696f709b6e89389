"""The smallest honest `ports.VectorJournal`."""

from collections.abc import Collection, Mapping

from proxy.queries import FloatVector


class MemoryJournal:
    """Keeps vectors in a dictionary."""

    def __init__(self) -> None:
        self.vectors: dict[str, dict[str, FloatVector]] = {}

    async def known(self, book_id: str, text_hashes: Collection[str]) -> Mapping[str, FloatVector]:
        """Return the vectors kept."""
        kept = self.vectors.get(book_id, {})
        return {name: kept[name] for name in text_hashes if name in kept}

    async def known_texts(self, book_id: str) -> Collection[str]:
        """Return the names of the vectors kept."""
        return self.vectors.get(book_id, {}).keys()

    async def add(self, book_id: str, vectors: Mapping[str, FloatVector]) -> None:
        """Keep vectors."""
        self.vectors.setdefault(book_id, {}).update(vectors)

    async def clear(self, book_id: str) -> None:
        """Forget a book's vectors."""
        self.vectors.pop(book_id, None)
