"""OpenAI's client, pointed at server processes that tests share."""

from collections.abc import AsyncGenerator

import openai
import pytest

from tests.support.serving import BookProxy


@pytest.fixture
async def client(gemini_server: BookProxy) -> AsyncGenerator[openai.AsyncOpenAI]:
    """OpenAI's client, pointed at `gemini_server`; it does not retry."""
    async with openai.AsyncOpenAI(
        base_url=gemini_server.v1, api_key="unused", max_retries=0
    ) as opened:
        yield opened


@pytest.fixture
async def either_client(either_server: BookProxy) -> AsyncGenerator[openai.AsyncOpenAI]:
    """OpenAI's client, pointed at `either_server`."""
    async with openai.AsyncOpenAI(
        base_url=either_server.v1, api_key="unused", max_retries=0
    ) as opened:
        yield opened
