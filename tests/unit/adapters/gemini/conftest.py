"""A transport to a Gemini on a real socket."""

from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.gemini.transport import GeminiTransport
from tests.support.gemini_client import open_transport
from tests.support.gemini_server import FakeGemini


@pytest.fixture
async def transport(fake_gemini: FakeGemini) -> AsyncGenerator[GeminiTransport]:
    """With the limits that are the product's own: tests of them are in `virtual_time`."""
    async with open_transport(fake_gemini) as opened:
        yield opened
