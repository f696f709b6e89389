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
    """With the limits that are the product's own: tests of them are in `virtual_time`."""
    async with open_generator(fake) as opened:
        yield opened
