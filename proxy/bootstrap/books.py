"""Where books are: the index a server reads, the writer an ingest needs."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from proxy.adapters.batch_ledger import FileBatchLedger
from proxy.adapters.cache.index import CachedIndex
from proxy.adapters.gemini.batch_embedder import GeminiBatchEmbedder
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.paced import PacedEmbedder, TextQuota
from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.existing_index import ExistingIndex
from proxy.adapters.qdrant.foreign import PayloadMap
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.owner import IndexOwner, ServerAddress, find_server
from proxy.adapters.qdrant.server_index import ServerIndex
from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.adapters.web.fetcher import open_web_fetcher
from proxy.adapters.web.guard import WEB
from proxy.adapters.web.site import WebSiteReader
from proxy.bootstrap.contexts import Contexts
from proxy.bootstrap.embedding import embedder_for, http_session
from proxy.bootstrap.engines import EngineName, workers_for
from proxy.errors import ConfigurationError
from proxy.ingest.batches import Batches
from proxy.ingest.workers import Workers
from proxy.ports import BookIndex, Embedder, IndexWriter, SiteReader, VectorJournal
from proxy.settings import Settings
from proxy.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return its root as this machine reaches it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class IngestTools:
    """What an ingest needs."""

    embedder: Embedder
    writer: IndexWriter
    journal: VectorJournal
    sites: SiteReader
    contexts: Contexts
    workers: Workers
    batches: Batches | None
    """What embeds by batches, None where calls do."""


@asynccontextmanager
async def open_ingest(
    settings: Settings,
    on_change: Callable[[], Awaitable[None]],
    engine: EngineName = "threads",
    *,
    by_batches: bool = False,
) -> AsyncGenerator[IngestTools]:
    """Open what an ingest needs; `on_change` is awaited after every published change.

    Raises:
        ConfigurationError: the settings cannot work or know no batches, or the engine is not
            installed.
    """
    if settings.qdrant.existing_collection:
        raise ConfigurationError(
            "QDRANT_EXISTING_COLLECTION is read and never written to: unset it to change books"
        )
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(http_session(settings))
        transport = GeminiTransport(session, settings.gemini)
        embedder = embedder_for(settings, transport, stack)
        writer = await stack.enter_async_context(open_writer(settings, embedder, on_change))
        limit = settings.embedding.texts_per_minute
        if settings.embedder == "gemini" and limit:
            embedder = PacedEmbedder(embedder, TextQuota(limit))
        fetcher = await stack.enter_async_context(open_web_fetcher(WEB))
        folder = _journal_folder(settings, embedder)
        journal = SqliteVectorJournal(folder)
        yield IngestTools(
            embedder,
            writer,
            journal,
            WebSiteReader(fetcher),
            Contexts(settings, transport, embedder, stack),
            await workers_for(engine, settings, stack),
            _batches(settings, transport, folder, journal) if by_batches else None,
        )


@asynccontextmanager
async def open_writer(
    settings: Settings, embedder: Embedder, on_change: Callable[[], Awaitable[None]]
) -> AsyncGenerator[IndexWriter]:
    """Open what changes the books that were made with `embedder`."""
    identity = IndexIdentity(embedder.model, embedder.dimensions)
    async with AsyncExitStack() as stack:
        writer: IndexWriter
        if settings.qdrant.url:
            # qdrant-client is 40 % of what a command takes to start; nothing else needs it.
            from proxy.adapters.qdrant.server_writer import ServerIndexWriter  # noqa: PLC0415

            key = settings.qdrant.api_key
            writer = await stack.enter_async_context(
                ServerIndexWriter(
                    url=settings.qdrant.url,
                    api_key=key.get_secret_value() if key else None,
                    collection=identity.collection(settings.qdrant.collection),
                    identity=identity,
                    on_change=on_change,
                )
            )
        else:
            writer = EmbeddedIndexWriter(
                index_root(settings, identity), identity, on_change=on_change
            )
        yield writer


def _batches(
    settings: Settings, transport: GeminiTransport, folder: Path, journal: VectorJournal
) -> Batches:
    if settings.embedder != "gemini" or settings.gemini.uses_vertex:
        raise ConfigurationError(
            "--batch is for books that the Gemini API embeds: it takes GEMINI_API_KEY, and neither"
            " EMBEDDER=local nor Vertex AI"
        )
    dimensions, model = settings.embedding.dimensions, settings.gemini.embedding_model
    embedder = GeminiBatchEmbedder(transport, model=model, dimensions=dimensions)
    ledger = FileBatchLedger(folder)
    return Batches(embedder, ledger, journal, settings.embedding.batch_poll_s)


def _journal_folder(settings: Settings, embedder: Embedder) -> Path:
    identity = IndexIdentity(embedder.model, embedder.dimensions)
    name = identity.collection(settings.qdrant.collection)
    return settings.server.data_dir / "embedded" / name


def _existing_index(
    settings: Settings, session: aiohttp.ClientSession, identity: IndexIdentity
) -> ExistingIndex:
    qdrant = settings.qdrant
    return ExistingIndex(
        session,
        url=qdrant.url or "",
        api_key=qdrant.api_key.get_secret_value() if qdrant.api_key else None,
        collection=qdrant.existing_collection or "",
        identity=identity,
        payload_map=PayloadMap(qdrant.payload_map or {}),
        vector_name=qdrant.vector_name,
        limit_s=qdrant.timeout_s,
    )


def running_server(settings: Settings) -> ServerAddress | None:
    """Return the server of this machine that owns the embedded index, None where none does."""
    return None if settings.qdrant.url else find_server(settings.server.data_dir)


def index_root(settings: Settings, identity: IndexIdentity) -> Path:
    """Return the folder of the embedded index."""
    return settings.server.data_dir / "index" / identity.collection(settings.qdrant.collection)


async def index_for(
    settings: Settings,
    session: aiohttp.ClientSession,
    embedder: Embedder,
    stack: AsyncExitStack,
    endpoint: Endpoint | None,
    token: str,
    upstreams: list[Upstream],
) -> tuple[BookIndex, Callable[[], Awaitable[None]]]:
    """Open the index that is searched; return it with what makes it look for new editions.

    `upstreams` gets the server that is asked, if one is.
    """
    identity = IndexIdentity(embedder.model, embedder.dimensions)
    if settings.qdrant.existing_collection:
        existing = _existing_index(settings, session, identity)
        await existing.open()
        upstreams.append(existing.upstream)
        return existing, existing.refresh
    if settings.qdrant.url:
        key = settings.qdrant.api_key
        server = ServerIndex(
            session,
            url=settings.qdrant.url,
            api_key=key.get_secret_value() if key else None,
            collection=identity.collection(settings.qdrant.collection),
            identity=identity,
            limit_s=settings.qdrant.timeout_s,
        )
        await server.open()
        upstreams.append(server.upstream)
        return CachedIndex(server), server.refresh
    owner = stack.enter_context(IndexOwner(settings.server.data_dir))
    if endpoint is not None:
        owner.announce(endpoint.url, token)
    embedded = await stack.enter_async_context(
        EmbeddedIndex(index_root(settings, identity), identity, limit_s=settings.qdrant.timeout_s)
    )
    return CachedIndex(embedded), embedded.refresh
