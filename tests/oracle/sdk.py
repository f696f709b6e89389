"""google-genai as its users open it, at the fake Gemini."""

import contextlib
import ssl
from collections.abc import AsyncGenerator
from typing import Any

from google import genai
from google.genai import types
from google.genai.client import AsyncClient

from tests.support.gemini_client import KEY
from tests.support.gemini_server import FakeGemini

IGNORED_WARNING = "ignore:Inheritance class AiohttpClientSession"
"""The SDK's own way to use aiohttp, which warns of it once a client."""

_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used: given, it spares every client the reading of all the world's certificates."""


class Sdk:
    """The SDK's asynchronous client; its own types are partly those of packages not installed."""

    def __init__(self, client: AsyncClient) -> None:
        self._models: Any = client.models
        self._batches: Any = client.batches

    async def generate(
        self,
        model: str,
        contents: Any,
        config: types.GenerateContentConfig | None = None,
        *,
        stream: bool,
    ) -> list[types.GenerateContentResponse]:
        """Return the answer, a stream chunk by chunk."""
        asked = {"model": model, "contents": contents, "config": config}
        if not stream:
            return [await self._models.generate_content(**asked)]
        return [chunk async for chunk in await self._models.generate_content_stream(**asked)]

    async def embed(self, model: str, contents: Any, config: types.EmbedContentConfig) -> None:
        """Have texts embedded."""
        await self._models.embed_content(model=model, contents=contents, config=config)

    async def batch(
        self, model: str, source: types.EmbeddingsBatchJobSource, display_name: str
    ) -> types.BatchJob:
        """Begin a batch of texts to embed."""
        config = types.CreateEmbeddingsBatchJobConfig(display_name=display_name)
        return await self._batches.create_embeddings(model=model, src=source, config=config)

    async def look(self, name: str) -> types.BatchJob:
        """Return how far a batch is."""
        return await self._batches.get(name=name)


@contextlib.asynccontextmanager
async def open_sdk(fake: FakeGemini) -> AsyncGenerator[Sdk]:
    """Open the SDK's asynchronous client; v1beta, for its own default is another."""
    options = types.HttpOptions(
        base_url=fake.url,
        api_version="v1beta",
        client_args={"verify": _TLS},
        async_client_args={"verify": _TLS, "ssl": _TLS},
    )
    with genai.Client(api_key=KEY, http_options=options) as client:
        async with client.aio as opened:
            yield Sdk(opened)
