"""Reading from a Qdrant server over the shared aiohttp session.

Measured with 10,000 points: 0.74 ms and 0.24 ms of CPU a search, against 2.1 and 1.3 through
qdrant-client, whose timeouts also round up to whole seconds. Only what a request waits for goes
this way; `client.py` has the rest.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import orjson
from yarl import URL

from proxy.adapters.exchange import Post, read_body
from proxy.errors import RetrievalUnavailable
from proxy.upstream import Upstream

_DEFAULT_PORT = 6333
_MAX_BODY_BYTES = 64 * 1024 * 1024
"""A page of the catalogue takes a hundredth of it; what is longer cannot be read."""
_EARLIER_S = 0.005
"""Callers bound what they do with the same limit; a server that is silent is to end here, where
that is counted, and not there."""


class QdrantRest:
    """Qdrant's REST API, as far as readers need it.

    `session` belongs to the caller. `url` without a port means 6333, as it does to qdrant-client.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str | None) -> None:
        self._session = session
        self.upstream = Upstream("qdrant", refusal=_left_alone)
        base = URL(url)
        self.base = base if base.explicit_port else base.with_port(_DEFAULT_PORT)
        # With aiohttp's own `Accept-Encoding: gzip` every answer waits 40 ms for a delayed ACK.
        self._headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if api_key is not None:
            self._headers["api-key"] = api_key
        self._posts: dict[str, Post] = {}
        """By path."""

    async def get(self, path: str, *, timeout_s: float) -> Any:
        """Return the `result` of a GET, None for a collection that is not there.

        Raises:
            RetrievalUnavailable: no answer within `timeout_s`, or not a good one.
        """
        async with _translated(timeout_s):
            # A POST follows no redirect: a check that did would not see what searches will meet.
            response = await self._session.get(
                self.base / path, headers=self._headers, allow_redirects=False
            )
            try:
                return _result(response.status, await read_body(response.content, _MAX_BODY_BYTES))
            finally:
                response.close()

    async def post(self, path: str, body: dict[str, Any], *, timeout_s: float) -> Any:
        """Return the `result` of a POST, None for a collection that is not there.

        `body` may hold contiguous numpy arrays.

        Raises:
            RetrievalUnavailable: no answer within `timeout_s`, or not a good one.
        """
        data = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
        operation = path.rpartition("/points")[2].strip("/") or "read"
        limit_s = max(_EARLIER_S, timeout_s - _EARLIER_S)
        return await self.upstream.ask_once("", operation, self._post, path, data, limit_s)

    async def _post(self, path: str, data: bytes, timeout_s: float) -> Any:
        async with _translated(timeout_s):
            post = self._posts.get(path)
            if post is None:
                post = self._posts[path] = Post(self._session, self.base / path, self._headers)
            exchange = await post.send(data)
            try:
                return _result(exchange.status, await read_body(exchange.content, _MAX_BODY_BYTES))
            finally:
                exchange.close()


@contextlib.asynccontextmanager
async def _translated(timeout_s: float) -> AsyncGenerator[None]:
    """Bound what is inside, and raise what goes wrong as `RetrievalUnavailable`."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError as exc:
        raise RetrievalUnavailable(f"Qdrant did not answer within {timeout_s:.2g} seconds") from exc
    except (aiohttp.ClientError, OSError) as exc:
        # Not str(exc): it may repeat the URL, which may hold a password.
        raise RetrievalUnavailable(f"Qdrant cannot be reached ({type(exc).__name__})") from exc
    except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise RetrievalUnavailable("Qdrant's answer cannot be read") from exc


def _result(status: int, body: bytes) -> Any:
    """Return the `result` of an answer, None for a collection that is not there."""
    if status == 404:
        return None
    if status in {401, 403}:
        raise RetrievalUnavailable(f"Qdrant refused the API key ({status})")
    if status >= 300:
        raise RetrievalUnavailable(f"Qdrant answered {status}")
    return orjson.loads(body)["result"]


def _left_alone(wait_s: float) -> RetrievalUnavailable:
    return RetrievalUnavailable(
        "Qdrant has failed too often a moment ago, and is left alone for another.",
        retry_after_s=wait_s,
    )
