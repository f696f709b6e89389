"""What embeds passages by the batch, some time later, and what remembers such batches meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from proxy.errors import UpstreamInvalidResponse
from proxy.queries import FloatVector


class BatchLost(UpstreamInvalidResponse):
    """A batch ended without vectors; its texts are to be embedded anew."""

    code = "batch_lost"


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What became of a batch that is over."""

    vectors: Sequence[FloatVector | None]
    """Of unit length, in the order of the texts; None where a text failed."""
    tokens: int
    """Tokens read, 0 where the upstream does not say."""


class BatchEmbedder(Protocol):
    """Turns passages into vectors some time later: within a day, at a lower price."""

    @property
    def max_texts(self) -> int:
        """The most texts of one batch."""
        ...

    def portions(self, texts: Sequence[str]) -> Sequence[Sequence[str]]:
        """Return the texts in order, in runs that each fit into a batch."""
        ...

    async def submit(self, texts: Sequence[str]) -> str:
        """Begin a batch of one portion; return its name. Not repeated by itself: it costs.

        Raises:
            ProxyError: the upstream refused or failed.
        """
        ...

    async def answer(self, name: str, texts: int) -> BatchAnswer | None:
        """Return what became of a batch of that many texts, None while it is not over.

        Raises:
            BatchLost: it ended without vectors, or is not known.
            ProxyError: the upstream failed.
        """
        ...


class BatchLedger(Protocol):
    """Remembers which batches are under way, and for which texts: an ingest may be killed."""

    async def open_batches(self, book_id: str) -> Mapping[str, Sequence[str]]:
        """Return the batches noted for a book: by name, the `Chunk.text_hash`es in order."""
        ...

    async def note(self, book_id: str, name: str, text_hashes: Sequence[str]) -> None:
        """Remember a batch; durable against the end of this process."""
        ...

    async def forget(self, book_id: str, name: str) -> None:
        """Forget a batch: its vectors are kept elsewhere, or there are none."""
        ...
