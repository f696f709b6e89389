"""Gemini's REST API over one shared aiohttp session: JSON out, JSON back, nothing translated.

Spoken directly because the SDK's typed stream costs eighteen times the CPU, drops fields it does
not know, takes a truncated stream for a complete one and ignores RetryInfo. `v1beta` is pinned:
the `*-latest` names exist only there.
"""

import asyncio
from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
from yarl import URL

from proxy.adapters.gemini.errors import http_error
from proxy.adapters.gemini.retry import with_one_retry
from proxy.adapters.gemini.sse import EventParser
from proxy.deadline import Deadline
from proxy.errors import UpstreamInvalidResponse, UpstreamTimeout, UpstreamUnreachable
from proxy.settings import GeminiSettings

API_VERSION = "v1beta"
_MAX_BODY_BYTES = 64 * 1024 * 1024
_MAX_ERROR_BYTES = 65_536


class GeminiTransport:
    """Calls `models/{model}:{method}`; every failure comes out as a ProxyError.

    `session` is shared by all calls and closed by whoever opened it.
    """

    def __init__(self, session: aiohttp.ClientSession, settings: GeminiSettings) -> None:
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._session = session
        self._settings = settings
        self._headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "x-goog-api-key": key,
        }
        self._url = lru_cache(maxsize=256)(self._make_url)

    async def call(
        self, model: str, method: str, body: bytes, deadline: Deadline
    ) -> dict[str, Any]:
        """Return the one JSON response of a unary method.

        Raises:
            ProxyError: after at most one retry.
        """
        url = self._url(model, method, "")
        return await with_one_retry(deadline, self._read_whole, url, body, deadline)

    async def stream(
        self, model: str, body: bytes, deadline: Deadline
    ) -> AsyncGenerator[list[dict[str, Any]]]:
        """Yield the responses of streamGenerateContent in batches: what arrived together.

        Retried only until the first batch is there. Closing the generator closes the connection.

        Raises:
            ProxyError: before the first batch or in the midst.
        """
        url = self._url(model, "streamGenerateContent", "?alt=sse")
        opened = await with_one_retry(deadline, self._open, url, body, deadline)
        response, parser, batch = opened
        try:
            while batch is not None:
                if batch:
                    yield batch
                batch = await self._next_batch(response, parser, deadline, self._idle_s)
        finally:
            response.close()

    async def check(self, deadline: Deadline) -> None:
        """Return when the key is accepted; lists one model, which is free.

        Raises:
            ProxyError: with the reason.
        """
        url = URL(f"{self._settings.base_url}/{API_VERSION}/models?pageSize=1", encoded=True)
        await self._read_whole(url, None, deadline)

    @property
    def _idle_s(self) -> float:
        return self._settings.idle_timeout_s

    def _make_url(self, model: str, method: str, query: str) -> URL:
        base = self._settings.base_url
        return URL(f"{base}/{API_VERSION}/models/{model}:{method}{query}", encoded=True)

    async def _request(
        self, url: URL, body: bytes | None, deadline: Deadline
    ) -> aiohttp.ClientResponse:
        limit_s = deadline.within(self._settings.first_token_timeout_s)
        try:
            async with asyncio.timeout(limit_s):
                response = await self._session.request(
                    "GET" if body is None else "POST",
                    url,
                    data=body,
                    headers=self._headers,
                    allow_redirects=False,
                )
                if response.status == 200:
                    return response
                try:
                    error_body = await response.content.read(_MAX_ERROR_BYTES)
                finally:
                    response.close()
        except TimeoutError as exc:
            raise _timed_out() from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise UpstreamUnreachable("The upstream could not be reached.") from exc
        raise http_error(response.status, error_body)

    async def _read_whole(self, url: URL, body: bytes | None, deadline: Deadline) -> dict[str, Any]:
        response = await self._request(url, body, deadline)
        try:
            async with asyncio.timeout(deadline.remaining_s()):
                parsed = orjson.loads(await response.read())
        except TimeoutError as exc:
            raise _timed_out() from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise _broken() from exc
        except orjson.JSONDecodeError as exc:
            raise UpstreamInvalidResponse("The upstream's answer could not be read.") from exc
        finally:
            response.close()
        if not isinstance(parsed, dict):
            raise UpstreamInvalidResponse("The upstream's answer could not be read.")
        return parsed  # pyright: ignore[reportUnknownVariableType] - JSON

    async def _open(
        self, url: URL, body: bytes, deadline: Deadline
    ) -> tuple[aiohttp.ClientResponse, EventParser, list[dict[str, Any]] | None]:
        """Return an open stream with its first batch; None for a body that was empty."""
        first_s = self._settings.first_token_timeout_s
        response = await self._request(url, body, deadline)
        parser = EventParser()
        try:
            batch: list[dict[str, Any]] | None = []
            while batch is not None and not batch:
                batch = await self._next_batch(response, parser, deadline, first_s)
        except BaseException:
            response.close()
            raise
        return response, parser, batch

    async def _next_batch(
        self,
        response: aiohttp.ClientResponse,
        parser: EventParser,
        deadline: Deadline,
        limit_s: float,
    ) -> list[dict[str, Any]] | None:
        """Return the responses that came next, maybe none; None at the end of the body."""
        try:
            async with asyncio.timeout(deadline.within(limit_s)):
                data = await response.content.readany()
        except TimeoutError as exc:
            raise _timed_out() from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise _broken() from exc
        if data:
            return parser.feed(data)
        return parser.finish() or None


def _timed_out() -> UpstreamTimeout:
    return UpstreamTimeout("The upstream did not answer in time.")


def _broken() -> UpstreamUnreachable:
    return UpstreamUnreachable("The connection to the upstream broke.", code="upstream_reset")
