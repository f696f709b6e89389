"""What an ingest tells: how far it is, and in the end what it did."""

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from proxy.corpus import Book


class Progress(Protocol):
    """Is told how far an ingest has come."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` steps; the one before it is over."""
        ...

    def advance(self, steps: int, /) -> None:
        """Count steps of the current stage as done."""
        ...

    def notice(self, text: str, /) -> None:
        """Hear, before anything is made, what the author may not have meant."""
        ...


@dataclass(slots=True)
class ContextCost:
    """What contexts of chunks cost, estimated from above."""

    chunks: int = 0
    """That have to be written: one call each."""
    known: int = 0
    """That were written for an earlier ingest, and cost nothing."""
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, input_tokens: int, output_tokens: int) -> None:
        """Count one more call."""
        self.chunks += 1
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens


@dataclass(slots=True)
class IngestReport:
    """What an ingest did, counted in documents."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(path, reason); the last good version of such a document stays in the book."""
    skipped: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(path, note): drafts, empty files and links that lead out, which count as absent."""
    warnings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(path, what its author should look at) of the added and updated documents."""
    notices: list[str] = field(default_factory=list[str])
    """What the author may not have meant, of the edition as a whole; told before it was made."""
    base_url: str | None = None
    """Where the pages of the edition are served."""
    chunks: int = 0
    """Of the added and updated documents."""
    embedded_tokens: int = 0
    """In a dry run: what embedding would read at most."""
    context: ContextCost | None = None
    """What contexts cost at most; None for a book without them."""
    book: Book | None = None
    """The new edition; None where none was made."""
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Return it as scripts read it."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "failed": len(self.failed),
            "failures": [{"path": path, "reason": reason} for path, reason in self.failed],
            "skipped": [{"path": path, "reason": reason} for path, reason in self.skipped],
            "warnings": [{"path": path, "reason": reason} for path, reason in self.warnings],
            "notices": self.notices,
            "base_url": self.base_url,
            "chunks": self.chunks,
            "embedded_tokens": self.embedded_tokens,
            "context": asdict(self.context) if self.context else None,
            "edition": self.book.edition if self.book else None,
            "seconds": round(self.seconds, 2),
        }
