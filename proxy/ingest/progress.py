"""Who is told how far an ingest has come."""

from typing import Protocol


class Progress(Protocol):
    """Is told how far an ingest has come."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of `total` steps; the one before it is over."""
        ...

    def advance(self, steps: int, /) -> None:
        """Count steps of the current stage as done."""
        ...
