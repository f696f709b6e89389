"""The proxy's own way to a Gemini, opened for a test: a session like the server's."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp

from proxy.adapters.gemini.transport import GeminiTransport
from proxy.settings import GeminiSettings
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import LONG_ENOUGH_S

KEY = "a-key-of-the-server"
MODEL = "gemini-3.8-flash"


def gemini_settings(base_url: str, **settings: Any) -> GeminiSettings:
    """Return settings for a Gemini at `base_url`; names are those of the environment."""
    return GeminiSettings.model_validate(
        {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": base_url, **settings}
    )


@contextlib.asynccontextmanager
async def open_session(**connector: Any) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session as the server's: no limits of its own."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, **connector),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=LONG_ENOUGH_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield session


@contextlib.asynccontextmanager
async def open_transport(fake: FakeGemini, **settings: Any) -> AsyncGenerator[GeminiTransport]:
    """Open a transport to the fake."""
    async with open_session() as session:
        yield GeminiTransport(session, gemini_settings(fake.url, **settings))
