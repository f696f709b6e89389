"""Fetches one URL that somebody sent, from nowhere but the public internet.

The host is looked up once, every address it has is judged, and those very addresses are connected
to, so that a second, different answer of the DNS (rebinding) is never asked for; TLS still checks
the host's name. No redirects (each would be another URL to judge), no proxy variables, no cookies,
no decompression; limits on bytes and on time. The content says what it is, not its header.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from proxy.adapters.web.guard import HTTPS, NotFetchable, UrlRules, checked_url, is_public
from proxy.deadline import Deadline

LIMIT_S = 5.0
"""For everything: looking up, connecting, reading."""
_MAX_CONNECTIONS = 32
"""At the same time; what waits for one waits within its limit."""
_LOOKUP_THREADS = 8
_HEADERS = {"accept-encoding": "identity", "user-agent": "book-proxy"}

Sniffer = Callable[[bytes], str | None]
"""Returns the media type of content, None for a type that is not wanted."""
Lookup = Callable[[str], list[str]]
"""Returns the addresses of a host; may block, raises OSError."""


class WrongContent(NotFetchable):
    """It came, and is nothing that was asked for."""


class Redirected(NotFetchable):
    """Its server sends us elsewhere: another URL to judge, for whoever wants to go there."""

    def __init__(self, location: str) -> None:
        super().__init__("its server redirects, which is not followed")
        self.location = location


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was at a URL."""

    data: bytes
    media_type: str


class WebFetcher:
    """Fetches over a session of `open_web_fetcher`, whose connections are guarded."""

    def __init__(self, session: aiohttp.ClientSession, rules: UrlRules) -> None:
        self._session = session
        self._rules = rules

    async def fetch(
        self, url: str, *, max_bytes: int, deadline: Deadline, accept: Sniffer
    ) -> Fetched:
        """Return what is at `url`, at most `max_bytes` of a type that `accept` knows.

        Raises:
            Redirected: its server names another URL.
            NotFetchable: the URL is not allowed, or nothing usable came in time. A host that is
                unknown and one that is private are the same to whoever asks.
            WrongContent: it came and `accept` does not know it.
        """
        target = checked_url(url, self._rules)
        try:
            async with asyncio.timeout(deadline.within(LIMIT_S)):
                response = await self._session.get(target, headers=_HEADERS, allow_redirects=False)
                try:
                    data = await _read(response, max_bytes)
                finally:
                    response.close()
        except TimeoutError as exc:
            raise NotFetchable("it did not arrive in time") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise NotFetchable("its server cannot be reached or broke off") from exc
        media_type = accept(data)
        if media_type is None:
            raise WrongContent("what its server sent is of another type")
        return Fetched(data, media_type)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    if 300 <= response.status < 400:
        raise Redirected(response.headers.get("location", ""))
    if response.status != 200:
        raise NotFetchable(f"its server answers with status {response.status}")
    # A length that is announced may be a lie, so what comes is counted too.
    size = response.content_length or 0
    pieces: list[bytes] = []
    if size <= max_bytes:
        size = 0
        while size <= max_bytes and (piece := await response.content.readany()):
            pieces.append(piece)
            size += len(piece)
    if size > max_bytes:
        raise NotFetchable(f"it has more than {max_bytes} bytes")
    return b"".join(pieces)


class GuardedResolver(AbstractResolver):
    """Looks a host up and answers with addresses that may be connected to, or not at all.

    One forbidden address among others condemns all: which one is connected to is a race. It looks
    up on threads of its own: a name server that keeps silent holds one for long after the request
    has given up, and the event loop's few are what the upstream's name is looked up on.
    """

    def __init__(self, lookup: Lookup, may_connect: Callable[[str], bool]) -> None:
        self._lookup = lookup
        self._may_connect = may_connect
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - all families are judged
    ) -> list[ResolveResult]:
        """Return the host's addresses, at least one.

        Raises:
            OSError: it has none, or one that may not be connected to.
        """
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._threads, self._lookup, host)
        if not addresses or not all(map(self._may_connect, addresses)):
            raise OSError(None, "no address that may be connected to")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Begin no look-up any more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def system_addresses(host: str) -> list[str]:
    """Return the addresses that the system's resolver has for a host; blocks.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(sockaddr[0]) for *_, sockaddr in found]


@asynccontextmanager
async def open_web_fetcher(
    rules: UrlRules = HTTPS,
    *,
    lookup: Lookup = system_addresses,
    may_connect: Callable[[str], bool] = is_public,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[WebFetcher]:
    """Open a fetcher with a session of its own.

    `lookup`, `may_connect` and `tls` stand in for the system's DNS, the guard and the system's
    certificate authorities. A host given as an address is judged by the guard in any case.
    """
    resolver = GuardedResolver(lookup, may_connect)
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,  # one look-up for one connection: that is the pin
        force_close=True,
        limit=_MAX_CONNECTIONS,
        ssl=tls or True,
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        ) as session:
            yield WebFetcher(session, rules)
    finally:
        await resolver.close()
