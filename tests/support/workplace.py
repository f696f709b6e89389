"""A folder with a book in it, an index in memory, and what an ingest needs besides."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from proxy.ingest.canaries import Canaries
from proxy.ingest.job import ContextMode
from proxy.ingest.pipeline import ingest
from proxy.ingest.report import IngestReport
from proxy.ingest.situating import Situating
from proxy.ingest.workers import Workers
from tests.support.hash_embedder import HashEmbedder
from tests.support.journals import MemoryJournal
from tests.support.memory_index import MemoryIndexWriter


@dataclass
class StageLog:
    """Implements `Progress`."""

    stages: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    done: list[int] = field(default_factory=list[int])
    notices: list[str] = field(default_factory=list[str])

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self.stages.append((name, total))
        self.done.append(0)

    def advance(self, steps: int, /) -> None:
        """Count steps."""
        self.done[-1] += steps

    def notice(self, text: str, /) -> None:
        """Keep it."""
        self.notices.append(text)


class Workplace:
    """A folder with a book in it, and the index it goes to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "book"
        self.folder.mkdir()
        self.writer = MemoryIndexWriter()
        self.embedder = HashEmbedder()
        self.journal = MemoryJournal()
        self.progress = StageLog()

    def write(self, **files: str) -> None:
        """Write pages; double underscores are slashes."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".md")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    async def ingest(
        self,
        *sources: str | Path,
        base_url: str | None = None,
        title: str | None = "Book",
        edition: str | None = None,
        language: str | None = None,
        quarantine: bool = False,
        within: Collection[str] | None = None,
        canaries: Canaries | None = None,
        dry_run: bool = False,
        context: ContextMode | None = None,
        situating: Situating | None = None,
        workers: Workers | None = None,
    ) -> IngestReport:
        """Ingest the folder, or other sources."""
        self.embedder.calls.clear()
        self.progress = StageLog()
        return await ingest(
            sources or [self.folder],
            book_id="bk",
            title=title,
            base_url=base_url,
            edition=edition,
            writer=self.writer,
            embedder=self.embedder,
            journal=self.journal,
            progress=self.progress,
            language=language,
            quarantine=quarantine,
            within=within,
            canaries=canaries,
            dry_run=dry_run,
            context=context,
            situating=situating,
            workers=workers,
        )

    def texts(self) -> dict[str, list[str]]:
        """Return the live edition's texts by document."""
        live = self.writer.live("bk")
        found: dict[str, list[str]] = {}
        chunks = [chunk for chunk, _ in live.chunks.values()] if live else []
        for chunk in sorted(chunks, key=lambda chunk: (chunk.document_id, chunk.position)):
            found.setdefault(chunk.document_id, []).append(chunk.text)
        return found
