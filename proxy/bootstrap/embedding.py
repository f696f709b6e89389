"""Who embeds, and the session that all calls go out by: settings to adapters.

Apart from who answers, because an ingest needs no more than this and begins the sooner.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from proxy.adapters.gemini.embedder import GeminiEmbedder
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.local.embedder import LocalEmbedder, WeightsMissing
from proxy.deadline import Deadline
from proxy.errors import ConfigurationError
from proxy.ports import Embedder
from proxy.settings import Settings

_WARM_UP_TIMEOUT_S = 30.0


@asynccontextmanager
async def http_session(settings: Settings) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open the session that all outbound calls share: no limit of its own, no proxy variables."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.gemini.connect_timeout_s)
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=60)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
    ) as session:
        yield session


def embedder_for(settings: Settings, transport: GeminiTransport, stack: AsyncExitStack) -> Embedder:
    """Return who embeds."""
    if settings.embedder == "local":
        return local_embedder(stack)
    return GeminiEmbedder(
        transport,
        model=settings.gemini.embedding_model,
        dimensions=settings.embedding.dimensions,
    )


def local_embedder(stack: AsyncExitStack) -> LocalEmbedder:
    """Return the bundled model.

    Raises:
        ConfigurationError: it is not there.
    """
    try:
        embedder = LocalEmbedder()
    except WeightsMissing as exc:
        raise ConfigurationError(str(exc)) from exc
    stack.callback(embedder.close)
    return embedder


async def warm_up(embedder: Embedder) -> None:
    """Let the first reader not pay for what the model sets up on its first text."""
    await embedder.embed(["warm up"], role="query", deadline=Deadline.after(_WARM_UP_TIMEOUT_S))
