"""Clients pointed at server processes that tests share: OpenAI's, and ChatKit's panel."""

import secrets
from collections.abc import AsyncGenerator, Iterator

import httpx
import openai
import pytest

from tests.support.chatkit_client import ChatKit
from tests.support.serving import BookProxy
from tests.support.site import reader


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


@pytest.fixture
def new_reader(chatkit_server: BookProxy) -> Iterator[httpx.Client]:
    """A reader who was never here before."""
    with reader(chatkit_server, secrets.token_hex(4)) as opened:
        yield opened


@pytest.fixture
def chatkit(new_reader: httpx.Client) -> ChatKit:
    """The reader's panel."""
    return ChatKit(new_reader)
