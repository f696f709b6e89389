"""The issuer's keys: few fetches, and good tokens are good while the issuer is away."""

import asyncio
import json

import pytest

from proxy.errors import IdentityUnavailable
from proxy.identity.key_set import COOLDOWN_S, FRESH_S, STALE_S, KeySet
from tests.support.tokens import Issuer


class Site:
    """Publishes keys, is away when told so, and counts."""

    def __init__(self, *issuers: Issuer) -> None:
        self.issuers = list(issuers)
        self.is_away = False
        self.document: bytes | None = None
        self.fetches = 0
        self.now_s = 1_000.0
        self.keys = KeySet(self.fetch, clock=lambda: self.now_s)

    async def fetch(self) -> bytes:
        """Return the document."""
        self.fetches += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise IdentityUnavailable("away")
        return self.document or json.dumps({"keys": [one.jwk for one in self.issuers]}).encode()


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """Somebody with a key."""
    return Issuer()


async def test_many_tokens_are_one_fetch(issuer: Issuer) -> None:
    site = Site(issuer)
    found = await asyncio.gather(*(site.keys.find(issuer.kid) for _ in range(50)))
    assert all(key is not None for key in found)
    assert site.fetches == 1


async def test_unknown_kids_are_one_fetch_in_a_while(issuer: Issuer) -> None:
    site = Site(issuer)
    for n in range(100):
        assert await site.keys.find(f"made-up-{n}") is None
    assert site.fetches == 1


async def test_a_rotated_key_is_found(issuer: Issuer) -> None:
    site = Site(issuer)
    await site.keys.find(issuer.kid)
    rotated = Issuer(kid="key-2")
    site.issuers = [rotated]
    site.now_s += COOLDOWN_S
    assert await site.keys.find("key-2") is not None
    assert await site.keys.find(issuer.kid) is None


async def test_keys_are_renewed_behind_the_reader(issuer: Issuer) -> None:
    site = Site(issuer)
    await site.keys.find(issuer.kid)
    site.now_s += FRESH_S + 1
    assert await site.keys.find(issuer.kid) is not None
    assert site.fetches == 1
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert site.fetches == 2


async def test_good_tokens_are_good_for_a_day_without_the_issuer(issuer: Issuer) -> None:
    site = Site(issuer)
    await site.keys.find(issuer.kid)
    site.is_away = True
    site.now_s += STALE_S - 1
    assert await site.keys.find(issuer.kid) is not None
    site.now_s += COOLDOWN_S + 2
    with pytest.raises(IdentityUnavailable):
        await site.keys.find(issuer.kid)


@pytest.mark.parametrize("document", [b"no", b"{}", b"[]", b'{"keys": 1}', b"\xff", b'{"keys":[]}'])
async def test_a_document_that_is_none_is_as_no_answer(document: bytes) -> None:
    site = Site()
    site.document = document
    with pytest.raises(IdentityUnavailable):
        await site.keys.check()
