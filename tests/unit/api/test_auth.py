"""Headers become a caller; who sends no credential is what the settings say."""

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from proxy.caller import Allowance, Caller
from proxy.errors import InvalidApiKey, InvalidRequest, StoreUnavailable
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.api_keys import new_key
from tests.support.authenticators import SECRET, TOKEN, authenticator
from tests.support.stores import lazily, opened_store, sqlite_url


def bearing(*keys: str, also: str | None = None) -> Headers:
    raw = [(b"authorization", b"Bearer " + key.encode()) for key in keys]
    return Headers(raw=[*raw, *([(b"x-api-key", also.encode())] if also else [])])


async def test_each_configured_key_is_a_reader_of_its_own_wherever_it_stands_in_the_list() -> None:
    knows = authenticator(PROXY_API_KEYS="one,two")
    one, two = [await knows.authenticate(bearing(key)) for key in ("one", "two")]
    assert one != two
    assert {one.role, two.role} == {"reader"}
    later = authenticator(PROXY_API_KEYS="two")
    assert await later.authenticate(bearing("two")) == two
    assert "two" not in two.caller_id


@pytest.mark.parametrize("keys", ["", "one"])
async def test_the_command_line_of_this_machine_is_an_admin(keys: str) -> None:
    caller = await authenticator(PROXY_API_KEYS=keys).authenticate(bearing(TOKEN))
    assert caller == Caller("local", "admin", allowance=Allowance(0, 0, 0))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (Headers(), "No API key was given: send it as 'Authorization: Bearer KEY'"),
        (Headers({"authorization": "one"}), "Authorization header holds no API key: .* Bearer KEY"),
        (Headers({"authorization": "Basic b25l"}), "Authorization header holds no API key"),
        (bearing("three"), "Unknown"),
        (bearing("on"), "Unknown"),
    ],
)
async def test_without_a_known_key_nobody_gets_in(headers: Headers, reason: str) -> None:
    with pytest.raises(InvalidApiKey, match=reason):
        await authenticator(PROXY_API_KEYS="one,two").authenticate(headers)


async def test_without_auth_everybody_on_this_machine_is_its_admin() -> None:
    knows = authenticator()
    assert knows.is_open
    for headers in (Headers(), bearing("anything"), bearing("a", "b", also="c")):
        caller = await knows.authenticate(headers)
        assert (caller.role, caller.is_anonymous) == ("admin", False)


async def test_once_a_key_was_made_nobody_gets_in_without_one(tmp_path: Path) -> None:
    key, text = new_key("first", role="author", books=["manual"])
    async with opened_store(sqlite_url(tmp_path)) as store:
        await store.keys.add(key)
        knows = authenticator(lazily(store), has_stored_keys=True)
        assert not knows.is_open
        caller = await knows.authenticate(bearing(text))
        assert (caller.caller_id, caller.role) == (f"key:{key.key_id}", "author")
        assert caller.books == {"manual"}
        with pytest.raises(InvalidApiKey):
            await knows.authenticate(Headers())


async def test_configured_keys_need_no_database_and_stored_ones_do() -> None:
    knows = authenticator(PROXY_API_KEYS="one")
    assert (await knows.authenticate(bearing("one"))).role == "reader"
    with pytest.raises(StoreUnavailable):
        await knows.authenticate(bearing(new_key("stored")[1]))


async def test_anonymous_callers_are_readers_but_a_wrong_key_is_a_mistake() -> None:
    open_to_all = authenticator(PROXY_ALLOW_ANONYMOUS="true")
    assert (await open_to_all.authenticate(bearing("anything"))).role == "reader"
    mixed = authenticator(PROXY_ALLOW_ANONYMOUS="true", PROXY_API_KEYS="one")
    nobody = await mixed.authenticate(Headers())
    assert nobody == Caller("anonymous", "reader", is_anonymous=True)
    with pytest.raises(InvalidApiKey):
        await mixed.authenticate(bearing("wrong"))


async def test_a_signed_anonymous_id_is_a_reader_of_its_own() -> None:
    knows = authenticator(PROXY_ALLOW_ANONYMOUS="true")
    new, signed = AnonymousIds(SECRET).issue()
    assert await knows.authenticate(Headers({"x-anonymous-id": signed})) == new
    with pytest.raises(InvalidApiKey) as refused:
        await knows.authenticate(Headers({"x-anonymous-id": signed[:-1] + "!"}))
    assert refused.value.code == "invalid_anonymous_id"
    closed = authenticator(PROXY_API_KEYS="one")
    with pytest.raises(InvalidApiKey, match="No API key"):
        await closed.authenticate(Headers({"x-anonymous-id": signed}))


@pytest.mark.parametrize("headers", [bearing("one", "two"), bearing("one", also="two")])
async def test_two_different_keys_could_be_two_callers(headers: Headers) -> None:
    with pytest.raises(InvalidRequest):
        await authenticator(PROXY_API_KEYS="one,two").authenticate(headers)


async def test_the_same_key_twice_is_one() -> None:
    knows = authenticator(PROXY_API_KEYS="one")
    twice = await knows.authenticate(bearing("one", "one", also="one"))
    assert twice == await knows.authenticate(bearing("one"))


async def test_keys_may_be_of_any_script() -> None:
    assert await authenticator(PROXY_API_KEYS="ключ-🔑").authenticate(bearing("ключ-🔑"))
