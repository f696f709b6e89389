"""Stored keys and tokens are recognised; readers who were shut out are not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from proxy.errors import InvalidApiKey, StoreUnavailable
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.api_keys import new_key
from proxy.identity.recognition import Recognition
from proxy.identity.tokens import TokenVerifier
from tests.support.authenticators import SECRET as SECRET_OF_IDS
from tests.support.authenticators import authenticator
from tests.support.stores import away, lazily, opened_store, sqlite_url
from tests.support.tokens import AUDIENCE, ISSUER, SECRET, shared_secret_token

TOKENS = TokenVerifier(SECRET.encode(), issuer=ISSUER, audience=AUDIENCE)


async def test_a_revoked_key_and_a_deactivated_reader_are_nobody(tmp_path: Path) -> None:
    key, text = new_key("n")
    shut, shut_text = new_key("shut")
    async with opened_store(sqlite_url(tmp_path)) as store:
        for one in (key, shut):
            await store.keys.add(one)
        await store.keys.revoke(key.key_id, datetime.now(UTC))
        for reader in ("jwt:ann", f"key:{shut.key_id}"):
            await store.readers.set_active(reader, is_active=False)
        knows = Recognition(lazily(store), TOKENS)
        for credential, code in (
            (text, "api_key_revoked"),
            (shut_text, "reader_deactivated"),
            (shared_secret_token(), "reader_deactivated"),
            ("garbage", "invalid_api_key"),
        ):
            with pytest.raises(InvalidApiKey) as refused:
                await knows.caller(credential)
            assert refused.value.code == code
        assert (await knows.caller(shared_secret_token(sub="ben"))).caller_id == "jwt:ben"


async def test_an_anonymous_reader_can_be_shut_out(tmp_path: Path) -> None:
    reader, signed = AnonymousIds(SECRET_OF_IDS).issue()
    headers = Headers({"x-anonymous-id": signed})
    async with opened_store(sqlite_url(tmp_path)) as store:
        knows = authenticator(lazily(store), PROXY_ALLOW_ANONYMOUS="true")
        assert await knows.authenticate(headers) == reader
        await store.readers.set_active(reader.caller_id, is_active=False)
        later = authenticator(lazily(store), PROXY_ALLOW_ANONYMOUS="true")
        with pytest.raises(InvalidApiKey) as refused:
            await later.authenticate(headers)
    assert refused.value.code == "reader_deactivated"


async def test_a_good_token_is_good_while_the_database_is_away_and_a_key_is_not_known() -> None:
    knows = Recognition(away(), TOKENS)
    assert (await knows.caller(shared_secret_token())).caller_id == "jwt:ann"
    with pytest.raises(StoreUnavailable):
        await knows.caller(new_key("n")[1])


async def test_without_tokens_configured_a_token_is_garbage() -> None:
    with pytest.raises(InvalidApiKey):
        await Recognition(away(), None).caller(shared_secret_token())
