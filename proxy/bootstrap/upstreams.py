"""Who answers: settings to adapters."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from proxy.adapters.fallback import FallbackGenerator
from proxy.adapters.gemini.catalog import UpstreamModels
from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.permissions import Permissions
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.adapters.local.embedder import LocalEmbedder
from proxy.adapters.local.reader import OfflineReader
from proxy.adapters.web.fetcher import open_web_fetcher
from proxy.adapters.web.images import WebImages
from proxy.bootstrap.embedding import local_embedder
from proxy.ports import ChatGenerator, Embedder, ImageFetcher
from proxy.settings import OpenAISettings, Settings
from proxy.settings.upstreams import GeneratorName
from proxy.state import DependencyCheck
from proxy.telemetry.tracing import Tracing
from proxy.upstream import Upstream

if TYPE_CHECKING:
    from proxy.adapters.openai_compat.generator import OpenAIGenerator

OFFLINE_MODEL = "offline-reader"


async def _image_fetcher(settings: Settings, stack: AsyncExitStack) -> ImageFetcher | None:
    """Open what fetches the images of chats, None where that is switched off."""
    if settings.server.image_fetch == "off":
        return None
    return WebImages(await stack.enter_async_context(open_web_fetcher()))


async def answering(
    settings: Settings,
    transport: GeminiTransport,
    models: UpstreamModels,
    embedder: Embedder,
    stack: AsyncExitStack,
    upstreams: list[Upstream],
) -> tuple[ChatGenerator, dict[str, DependencyCheck]]:
    """Return who answers, with who answers when that fails, and how to ask whether they can.

    `models` is what Gemini says of its own; `upstreams` gets those that are asked beside it.
    """
    images = await _image_fetcher(settings, stack)

    async def opened(name: GeneratorName, upstream: OpenAISettings) -> ChatGenerator:
        if name == "gemini":
            permissions = Permissions(
                safety_settings=settings.gemini.takes_safety_settings,
                cloud_storage=settings.gemini.reads_cloud_storage,
            )
            return GeminiGenerator(
                transport, SignatureCache(), images, models.profile_of, permissions
            )
        if name == "offline":
            return OfflineReader(_local_reading(embedder, stack))
        generator = await _openai_generator(upstream, stack)
        upstreams.append(generator.upstream)
        return generator

    first = await opened(settings.generator, settings.openai)
    fallback = settings.fallback.generator
    if fallback is None:
        return first, {"generator": DependencyCheck(first.check)}
    second = await opened(fallback, settings.fallback)
    model = main_model(fallback, settings, settings.fallback)
    return FallbackGenerator(first, second, model), {
        "generator": DependencyCheck(first.check, stand_in="fallback"),
        "fallback": DependencyCheck(second.check, stand_in="generator"),
    }


async def _openai_generator(upstream: OpenAISettings, stack: AsyncExitStack) -> "OpenAIGenerator":
    # The package is half of what a command takes to start, and most proxies never need it.
    from proxy.adapters.openai_compat.client import open_client  # noqa: PLC0415
    from proxy.adapters.openai_compat.generator import OpenAIGenerator  # noqa: PLC0415

    return OpenAIGenerator(await stack.enter_async_context(open_client(upstream)), upstream)


_PROVIDERS: Mapping[str, str] = {"gemini": "gcp.gemini", "openai": "openai"}
"""What OpenTelemetry's conventions call them."""


def traced(
    generator: ChatGenerator, embedder: Embedder, settings: Settings, tracing: Tracing | None
) -> tuple[ChatGenerator, Embedder]:
    """Return both with spans around their calls, where there are traces."""
    if tracing is None:
        return generator, embedder
    from proxy.adapters.traced import TracedEmbedder, TracedGenerator  # noqa: PLC0415

    answers = _PROVIDERS.get(settings.generator, OFFLINE_MODEL)
    if settings.gemini.uses_vertex and settings.generator == "gemini":
        answers = "gcp.vertex_ai"
    embeds = answers if settings.embedder == settings.generator else settings.embedder
    return TracedGenerator(generator, tracing, answers), TracedEmbedder(embedder, tracing, embeds)


def main_model(name: GeneratorName, settings: Settings, upstream: OpenAISettings) -> str:
    """Return the model that answers where the client names none of its own."""
    if name == "openai":
        return upstream.model or ""  # `load_settings` has made sure that there is one
    return OFFLINE_MODEL if name == "offline" else settings.gemini.model


def fast_model(settings: Settings) -> str:
    """Return the model for small tasks: rewriting, reranking, contexts."""
    if settings.generator == "gemini":
        return settings.gemini.fast_model
    return main_model(settings.generator, settings, settings.openai)


def _local_reading(embedder: Embedder, stack: AsyncExitStack) -> LocalEmbedder:
    """Return what the offline reader compares sentences with: its thresholds know one model."""
    return embedder if isinstance(embedder, LocalEmbedder) else local_embedder(stack)
