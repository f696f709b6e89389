"""Who writes the contexts of chunks, and where they are kept."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from proxy.adapters.context_store import SqliteContextStore
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.paced import PacedAuthor, TextQuota
from proxy.ingest.report import ContextCost
from proxy.ingest.situating import Situating
from proxy.ports import ContextAuthor, Embedder
from proxy.settings import Settings


@dataclass(frozen=True, slots=True)
class Contexts:
    """Makes what gives a book its contexts; opens nothing before the first has to be written."""

    settings: Settings
    transport: GeminiTransport
    embedder: Embedder
    stack: AsyncExitStack

    def of_book(
        self, book_id: str, announce: Callable[[ContextCost], None] = lambda _cost: None
    ) -> Situating | None:
        """Return it; None where no model is configured."""
        if self.settings.generator == "offline":
            return None
        return Situating(
            book_id=book_id,
            store=SqliteContextStore(self.settings.server.data_dir / "contexts"),
            open_author=self._open_author,
            count_tokens=self.embedder.count_tokens,
            announce=announce,
        )

    async def _open_author(self) -> ContextAuthor:
        # What speaks to models is half of what a command takes to start; most ingests need none.
        from proxy.adapters.gemini.catalog import UpstreamModels  # noqa: PLC0415
        from proxy.bootstrap.upstreams import answering, fast_model  # noqa: PLC0415
        from proxy.ingest.context_author import LlmContextAuthor  # noqa: PLC0415

        models = UpstreamModels(self.transport)
        generator, _ = await answering(
            self.settings, self.transport, models, self.embedder, self.stack, upstreams=[]
        )
        author = LlmContextAuthor(generator, fast_model(self.settings))
        limit = self.settings.embedding.contexts_per_minute
        return PacedAuthor(author, TextQuota(limit)) if limit else author
