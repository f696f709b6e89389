"""The issuer's public keys (JWKS): fetched when first needed, kept, fetched anew for a new `kid`.

At most one fetch in `COOLDOWN_S`, whatever `kid`s strangers make up; and keys we have stand for a
day when the issuer cannot be reached.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

from proxy.errors import IdentityUnavailable

COOLDOWN_S = 30.0
FRESH_S = 600.0
STALE_S = 24 * 3600.0

_ALGORITHMS = frozenset({"EdDSA", "RS256", "ES256"})
"""A key has one: what a token says of itself decides nothing."""

Fetch = Callable[[], Awaitable[bytes]]
"""Return the document; raises `IdentityUnavailable` where it cannot be had."""


class KeySet:
    """Finds the key a token names."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at_s = -STALE_S
        self._tried_at_s = -COOLDOWN_S
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> PyJWK | None:
        """Return a key, None where the issuer has no such.

        A token without `kid` is the only key's, where there is but one.

        Raises:
            IdentityUnavailable: there are no keys, or none young enough, and none can be had.
        """
        if self._named(kid) is None or self._age_s > STALE_S:
            await self._refresh()
        elif self._age_s > FRESH_S and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh())  # the key we have does
        if self._age_s > STALE_S:
            raise IdentityUnavailable("The issuer's keys cannot be had right now.")
        return self._named(kid)

    async def check(self) -> None:
        """Return when there are keys.

        Raises:
            IdentityUnavailable: there are none.
        """
        await self.find(None)

    @property
    def _age_s(self) -> float:
        return self._clock() - self._fetched_at_s

    def _named(self, kid: str | None) -> PyJWK | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        async with self._lock:
            if self._clock() - self._tried_at_s < COOLDOWN_S:
                return
            self._tried_at_s = self._clock()
            try:
                self._keys = _read(await self._fetch())
            except IdentityUnavailable:
                return  # `find` says whether what is there still stands
            self._fetched_at_s = self._clock()


def _read(document: bytes) -> Mapping[str, PyJWK]:
    try:
        keys = PyJWKSet.from_json(document.decode()).keys
    except (PyJWTError, ValueError, AttributeError, TypeError) as exc:
        raise IdentityUnavailable("The issuer's keys cannot be read.") from exc
    return {
        key.key_id or "": key
        for key in keys
        if key.algorithm_name in _ALGORITHMS and key.public_key_use in {None, "sig"}
    }
