"""A transport to a Gemini on a real socket."""

from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.gemini.transport import GeminiTransport
from tests.support.gemini_client import open_transport
from tests.support.gemini_server import FakeGemini


@pytest.fixture
async def transport(fake_gemini: FakeGemini) -> AsyncGenerator[GeminiTransport]:
    """Waits 0.3 s for a first event, 0.2 s for the next ones."""
    limits = {"PROXY_FIRST_TOKEN_TIMEOUT_S": 0.3, "PROXY_IDLE_TIMEOUT_S": 0.2}
    async with open_transport(fake_gemini, **limits) as opened:
        yield opened
