"""An OpenAI-compatible upstream on a real socket, and a generator that asks it."""

from collections.abc import AsyncGenerator

import pytest

from proxy.adapters.openai_compat.generator import OpenAIGenerator
from tests.support.openai_server import FakeOpenAI, open_generator


@pytest.fixture
async def fake() -> AsyncGenerator[FakeOpenAI]:
    """An upstream in the test's own event loop."""
    async with FakeOpenAI() as opened:
        yield opened


@pytest.fixture
async def generator(fake: FakeOpenAI) -> AsyncGenerator[OpenAIGenerator]:
    """Waits 1 s for a first event, 0.6 s for the next ones."""
    limits = {"PROXY_FIRST_TOKEN_TIMEOUT_S": 1.0, "PROXY_IDLE_TIMEOUT_S": 0.6}
    async with open_generator(fake, **limits) as opened:
        yield opened
