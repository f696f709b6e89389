"""Gemini's REST API over one shared aiohttp session: JSON out, JSON back, nothing translated.

Spoken directly because the SDK's typed stream costs eighteen times the CPU, drops fields it does
not know, takes a truncated stream for a complete one and ignores RetryInfo. `access.py` knows where
Gemini is and who calls.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from proxy.adapters.exchange import Exchange, Post, read_body
from proxy.adapters.gemini.access import Access, access_for
from proxy.adapters.gemini.errors import (
    connection_error,
    http_error,
    in_band_error,
    unreadable,
)
from proxy.adapters.gemini.sse import EventParser
from proxy.deadline import Deadline
from proxy.errors import ModelNotFound
from proxy.retry import time_for_call
from proxy.settings import GeminiSettings
from proxy.upstream import Upstream

Response = Exchange | aiohttp.ClientResponse
Batch = list[dict[str, Any]]
"""Responses that arrived together, in order."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A whole answer may carry images; beyond this it is an attack or a fault."""

_MAX_URLS = 256
_MAX_ERROR_BYTES = 65_536
_MODELS_PER_PAGE = 1_000
"""The most Google gives in one page."""
_SMALLEST_PROMPT = b'{"contents":[{"role":"user","parts":[{"text":"."}]}]}'


class GeminiTransport:
    """Calls `models/{model}:{method}`; every failure comes out as a ProxyError.

    `session` is shared by all calls and closed by whoever opened it; `access` None: the one that is
    configured.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: GeminiSettings,
        access: Access | None = None,
    ) -> None:
        self._session = session
        self._settings = settings
        self.access = access or access_for(settings)
        self.upstream = Upstream("gemini", least_calls=settings.circuit_least_calls)
        self._url = lru_cache(maxsize=_MAX_URLS)(self.access.url)
        self._posts: dict[URL, tuple[Mapping[str, str], Post]] = {}
        """By URL, with the headers each was made from."""

    def call(
        self, model: str, method: str, body: bytes, deadline: Deadline, *, retries: bool = True
    ) -> Awaitable[dict[str, Any]]:
        """Return the one JSON response of a unary method, to be awaited.

        Raises:
            ProxyError: after at most one retry, without `retries` after none.
        """
        url = self._url(model, method, "")
        upstream = self.upstream
        if not retries:
            return upstream.ask_once(model, method, self._read_whole, url, body, deadline)
        return upstream.ask(model, method, deadline, self._read_whole, url, body, deadline)

    async def stream(
        self, model: str, body: bytes, deadline: Deadline, *, retries: bool = True
    ) -> AsyncGenerator[Batch]:
        """Yield the responses of streamGenerateContent in batches: what arrived together.

        Retried only until the first batch is there, without `retries` never. Closing the generator
        closes the connection.

        Raises:
            ProxyError: before the first batch or in the midst.
        """
        method = "streamGenerateContent"
        url = self._url(model, method, "?alt=sse")
        if retries:
            opening = self.upstream.ask(model, method, deadline, self._open, url, body, deadline)
        else:
            opening = self.upstream.ask_once(model, method, self._open, url, body, deadline)
        response, parser, batch = await opening
        idle_s = self._settings.idle_timeout_s
        try:
            while batch is not None:
                if batch:
                    yield batch
                batch = await _next_batch(response, parser, deadline.within(idle_s))
        finally:
            response.close()

    async def check(self, deadline: Deadline) -> None:
        """Return when the credentials are accepted, by a call that is free.

        Raises:
            ProxyError: with the reason.
        """
        if (url := self.access.listing_url("?pageSize=1")) is not None:
            await self._read_whole(url, None, deadline)
        else:
            await self._read_whole(
                self._url(self._settings.model, "countTokens", ""), _SMALLEST_PROMPT, deadline
            )

    async def model_page(self, page_token: str, deadline: Deadline) -> dict[str, Any] | None:
        """Return one page of the list of models, None where the upstream has no such list.

        `page_token` "" is the first page.

        Raises:
            ProxyError: after at most one retry.
        """
        token = f"&pageToken={quote(page_token, safe='')}" if page_token else ""
        url = self.access.listing_url(f"?pageSize={_MODELS_PER_PAGE}{token}")
        if url is None:
            return None
        return await self.upstream.ask("", "list", deadline, self._read_whole, url, None, deadline)

    async def resource(self, name: str, deadline: Deadline) -> dict[str, Any]:
        """Return what the upstream keeps under a name such as `batches/…`.

        Raises:
            ProxyError: after at most one retry; `ModelNotFound` where there is no such thing.
        """
        url = self.access.resource_url(name)
        if url is None:
            raise ModelNotFound("The upstream keeps nothing under names.")
        ask = self.upstream.ask
        return await ask("", "resource", deadline, self._read_whole, url, None, deadline)

    async def _read_whole(self, url: URL, body: bytes | None, deadline: Deadline) -> dict[str, Any]:
        try:
            async with asyncio.timeout(time_for_call(deadline)):
                response = await self._request(url, body, deadline)
                try:
                    data = await read_body(response.content, MAX_BODY_BYTES)
                finally:
                    response.close()
        except (aiohttp.ClientError, OSError) as exc:
            raise connection_error(exc) from exc
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError as exc:
            raise unreadable() from exc
        if not isinstance(parsed, dict):
            raise unreadable()
        return parsed  # pyright: ignore[reportUnknownVariableType] - JSON

    async def _open(
        self, url: URL, body: bytes, deadline: Deadline
    ) -> tuple[Response, EventParser, Batch | None]:
        """Return an open stream with its first batch; None for a body that was empty.

        One limit for all of it: an upstream that sends comments and nothing else is silent too.
        """
        parser = EventParser()
        try:
            async with asyncio.timeout(
                time_for_call(deadline, self._settings.first_token_timeout_s)
            ):
                response = await self._request(url, body, deadline)
                return response, parser, await _first_batch(response, parser)
        except (aiohttp.ClientError, OSError) as exc:
            raise connection_error(exc) from exc

    async def _request(self, url: URL, body: bytes | None, deadline: Deadline) -> Response:
        """Return a response of status 200 with its body unread; the caller closes it."""
        headers = self.access.headers()
        if headers is None:
            headers = await self.access.renewed_headers(deadline)
        response: Response
        if body is None:
            response = await self._session.get(url, headers=headers, allow_redirects=False)
        else:
            response = await self._post(url, headers).send(body)
        if response.status == 200:
            return response
        if response.status == 401:
            self.access.refused()
        try:
            error_body = await read_body(response.content, _MAX_ERROR_BYTES)
        finally:
            response.close()
        raise http_error(response.status, error_body)

    def _post(self, url: URL, headers: Mapping[str, str]) -> Post:
        """Return what posts to `url`, made again when a token is another."""
        made_from, post = self._posts.get(url, (None, None))
        if post is None or made_from is not headers:
            if len(self._posts) == _MAX_URLS:  # clients name models
                self._posts.clear()
            post = Post(self._session, url, headers)
            self._posts[url] = headers, post
        return post


async def _first_batch(response: Response, parser: EventParser) -> Batch | None:
    try:
        batch: Batch | None = []
        while batch is not None and not batch:
            batch = _batch(parser, await response.content.readany())
        _check_begun(batch)
    except BaseException:
        response.close()
        raise
    return batch


def _check_begun(batch: Batch | None) -> None:
    """Refuse a body that begins with an error: a refusal like any other, but for its status."""
    if batch and "error" in batch[0] and "candidates" not in batch[0]:
        raise in_band_error(batch[0]["error"])


async def _next_batch(response: Response, parser: EventParser, limit_s: float) -> Batch | None:
    """Return the responses that came next, maybe none; None at the end of the body."""
    try:
        async with asyncio.timeout(limit_s):
            data = await response.content.readany()
    except (aiohttp.ClientError, OSError) as exc:
        raise connection_error(exc) from exc
    return _batch(parser, data)


def _batch(parser: EventParser, data: bytes) -> Batch | None:
    return parser.feed(data) if data else parser.finish() or None
