"""Where an ingest reads, cuts and embeds: settings to workers."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Literal

from proxy.adapters.gemini.embedder import estimated_tokens
from proxy.adapters.local.embedder import LocalEmbedder, count_tokens
from proxy.ingest.workers import Workers
from proxy.settings import Settings

EngineName = Literal["threads", "ray"]


async def workers_for(name: EngineName, settings: Settings, stack: AsyncExitStack) -> Workers:
    """Return who works for an ingest.

    Raises:
        ConfigurationError: Ray is not installed.
    """
    if name == "threads":
        return Workers()
    from proxy.adapters.ray.engine import RayEngine  # noqa: PLC0415 - an extra

    engine = RayEngine(settings.ray.address, cpus=settings.ray.cpus)
    await stack.enter_async_context(engine)
    if settings.embedder == "local":
        return Workers(engine, count_tokens, partial(LocalEmbedder, threads=1))
    return Workers(engine, estimated_tokens)
