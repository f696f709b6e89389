"""The `openai` package's client as this proxy uses it: one upstream, nothing from its environment.

Its own retries are off, for `proxy/retry.py` decides; so are redirects, which would carry the key
away, and proxies named by the environment.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Omit, RequestOptions, Timeout

from proxy.settings import OpenAISettings


@asynccontextmanager
async def open_client(settings: OpenAISettings) -> AsyncGenerator[AsyncOpenAI]:
    """Open a client; only connecting has a limit of its own, the rest is its caller's."""
    async with (
        DefaultAsyncHttpxClient(
            timeout=Timeout(None, connect=settings.connect_timeout_s),
            follow_redirects=False,
            trust_env=False,
        ) as http,
        AsyncOpenAI(
            api_key=settings.api_key.get_secret_value() if settings.api_key else "none",
            base_url=settings.base_url,
            timeout=Timeout(None, connect=settings.connect_timeout_s),
            max_retries=0,
            http_client=http,
        ) as client,
    ):
        yield client


def request_options(settings: OpenAISettings) -> RequestOptions:
    """Return what goes with every request of such a client."""
    headers: dict[str, str | Omit] = {
        "Content-Type": "application/json",
        "OpenAI-Organization": openai.omit,
        "OpenAI-Project": openai.omit,
    }
    if settings.api_key is None:  # only here does the package believe that none is meant
        headers["Authorization"] = openai.omit
    return {"headers": headers}
