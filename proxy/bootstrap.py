"""The composition root: settings to adapters to what runs; the only file that chooses an adapter.

Everything is opened here, in one `AsyncExitStack`, and closed in reverse.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.local.embedder import LocalEmbedder, WeightsMissing
from proxy.adapters.local.reader import OfflineReader
from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.owner import IndexOwner, ServerAddress, find_server
from proxy.adapters.qdrant.server_index import ServerIndex
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError
from proxy.ports import BookIndex, ChatGenerator, Embedder, IndexWriter
from proxy.protocol.models import ModelCatalog
from proxy.rag.pipeline import Pipeline
from proxy.rag.retrieve import Retriever
from proxy.settings import Settings
from proxy.state import Admission, AppState, DependencyCheck

OFFLINE_MODEL = "offline-reader"
_GEMINI_NATIVE_DIMENSIONS = 3_072
_WARM_UP_TIMEOUT_S = 30.0
_CHECK_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return its root as this machine reaches it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


@asynccontextmanager
async def open_state(
    settings: Settings, endpoint: Endpoint | None = None
) -> AsyncGenerator[AppState]:
    """Open what a server needs.

    `endpoint` is announced to this machine's command line, for the embedded index has one owner.

    Raises:
        ConfigurationError: the settings cannot work.
        Conflict: another process owns the embedded index.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(_http_session(settings))
        transport = GeminiTransport(session, settings.gemini)
        embedder = _embedder(settings, transport, stack)
        token = secrets.token_urlsafe(32)
        index, refresh = await _index(settings, session, embedder, stack, endpoint, token)
        generator: ChatGenerator = (
            GeminiGenerator(transport)
            if settings.generator == "gemini"
            else OfflineReader(_local_reading(embedder, stack))
        )
        if settings.embedder == "local":
            await _warm_up(embedder)
        yield AppState(
            settings=settings,
            catalog=_catalog(settings, embedder),
            pipeline=Pipeline(
                generator, Retriever(embedder, index, settings.rag, settings.embedding)
            ),
            index=index,
            embedder=embedder,
            checks=_checks(settings, index, generator, transport),
            admission=Admission(settings.server.max_open_generations),
            refresh_index=refresh,
            local_token=token,
        )


def _checks(
    settings: Settings, index: BookIndex, generator: ChatGenerator, transport: GeminiTransport
) -> dict[str, DependencyCheck]:
    checks = {
        "qdrant": DependencyCheck(index.check),
        "generator": DependencyCheck(generator.check),
    }
    if settings.embedder == "gemini":
        checks["embedder"] = DependencyCheck(
            lambda: transport.check(Deadline.after(_CHECK_TIMEOUT_S))
        )
    return checks


@dataclass(frozen=True, slots=True)
class IngestTools:
    """What an ingest needs."""

    embedder: Embedder
    writer: IndexWriter


@asynccontextmanager
async def open_ingest(
    settings: Settings, on_change: Callable[[], Awaitable[None]]
) -> AsyncGenerator[IngestTools]:
    """Open what an ingest needs; `on_change` is awaited after every published change."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(_http_session(settings))
        embedder = _embedder(settings, GeminiTransport(session, settings.gemini), stack)
        identity = IndexIdentity(embedder.model, embedder.dimensions)
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
        yield IngestTools(embedder, writer)


def running_server(settings: Settings) -> ServerAddress | None:
    """Return the server of this machine that owns the embedded index, None where none does."""
    return None if settings.qdrant.url else find_server(settings.server.data_dir)


def index_root(settings: Settings, identity: IndexIdentity) -> Path:
    """Return the folder of the embedded index."""
    return settings.server.data_dir / "index" / identity.collection(settings.qdrant.collection)


@asynccontextmanager
async def _http_session(settings: Settings) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open the session that all outbound calls share: no limit of its own, no proxy variables."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.gemini.connect_timeout_s)
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=60)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield session


def _embedder(settings: Settings, transport: GeminiTransport, stack: AsyncExitStack) -> Embedder:
    if settings.embedder == "local":
        return _local_embedder(stack)
    return GeminiEmbedder(
        transport,
        model=settings.gemini.embedding_model,
        dimensions=settings.embedding.dimensions,
    )


def _local_embedder(stack: AsyncExitStack) -> LocalEmbedder:
    try:
        embedder = LocalEmbedder()
    except WeightsMissing as exc:
        raise ConfigurationError(str(exc)) from exc
    stack.callback(embedder.close)
    return embedder


def _local_reading(embedder: Embedder, stack: AsyncExitStack) -> LocalEmbedder:
    """Return what the offline reader compares sentences with: its thresholds know one model."""
    return embedder if isinstance(embedder, LocalEmbedder) else _local_embedder(stack)


async def _warm_up(embedder: Embedder) -> None:
    """Let the first reader not pay for what the model sets up on its first text."""
    await embedder.embed(["warm up"], role="query", deadline=Deadline.after(_WARM_UP_TIMEOUT_S))


async def _index(
    settings: Settings,
    session: aiohttp.ClientSession,
    embedder: Embedder,
    stack: AsyncExitStack,
    endpoint: Endpoint | None,
    token: str,
) -> tuple[BookIndex, Callable[[], Awaitable[None]]]:
    identity = IndexIdentity(embedder.model, embedder.dimensions)
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
        return server, server.refresh
    owner = stack.enter_context(IndexOwner(settings.server.data_dir))
    if endpoint is not None:
        owner.announce(endpoint.url, token)
    embedded = await stack.enter_async_context(
        EmbeddedIndex(index_root(settings, identity), identity, limit_s=settings.qdrant.timeout_s)
    )
    return embedded, embedded.refresh


def _catalog(settings: Settings, embedder: Embedder) -> ModelCatalog:
    is_offline = settings.generator == "offline"
    is_local = settings.embedder == "local"
    return ModelCatalog(
        main=OFFLINE_MODEL if is_offline else settings.gemini.model,
        fast=OFFLINE_MODEL if is_offline else settings.gemini.fast_model,
        embedding=embedder.model,
        native_embedding_dimensions=(
            embedder.dimensions if is_local else _GEMINI_NATIVE_DIMENSIONS
        ),
        answers_offline=is_offline,
        embeds_locally=is_local,
        created_unix_s=int(time.time()),
    )
