"""Fetches an issuer's public keys."""

import asyncio

import aiohttp

from proxy.errors import IdentityUnavailable

_LIMIT_S = 3.0
_MAX_BYTES = 256 * 1024


async def fetch_jwks(session: aiohttp.ClientSession, url: str) -> bytes:
    """Return the document at the operator's `JWT_JWKS_URL`.

    Raises:
        IdentityUnavailable: it cannot be had.
    """
    try:
        async with (
            asyncio.timeout(_LIMIT_S),
            session.get(
                url, headers={"accept": "application/json", "accept-encoding": "identity"}
            ) as response,
        ):
            if response.status != 200:
                raise IdentityUnavailable("The issuer's keys cannot be had right now.")
            document = await response.content.read(_MAX_BYTES + 1)
            while not response.content.at_eof() and len(document) <= _MAX_BYTES:
                document += await response.content.read(_MAX_BYTES)
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise IdentityUnavailable("The issuer's keys cannot be had right now.") from exc
    if len(document) > _MAX_BYTES:
        raise IdentityUnavailable("The issuer's keys are too large.")
    return document
