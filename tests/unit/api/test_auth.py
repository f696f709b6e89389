"""A key becomes a caller; who has none is what the settings say."""

import pytest
from starlette.datastructures import Headers

from proxy.api.auth import Authenticator, Caller
from proxy.errors import InvalidApiKey, InvalidRequest, PermissionDenied
from proxy.settings import load_settings

TOKEN = "token-of-this-machine"


def authenticator(**environ: str) -> Authenticator:
    return Authenticator(load_settings(environ, None).server, TOKEN)


def bearing(*keys: str, also: str | None = None) -> Headers:
    raw = [(b"authorization", b"Bearer " + key.encode()) for key in keys]
    return Headers(raw=[*raw, *([(b"x-api-key", also.encode())] if also else [])])


def test_each_configured_key_is_a_reader_of_its_own() -> None:
    knows = authenticator(PROXY_API_KEYS="one,two")
    assert knows.authenticate(bearing("one")) == Caller("env-1", "reader")
    assert knows.authenticate(bearing("two")) == Caller("env-2", "reader")


@pytest.mark.parametrize("environ", [{}, {"PROXY_API_KEYS": "one"}])
def test_the_command_line_of_this_machine_is_an_admin(environ: dict[str, str]) -> None:
    assert authenticator(**environ).authenticate(bearing(TOKEN)) == Caller("local", "admin")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [(Headers(), "No API key"), (bearing("three"), "Unknown"), (bearing("on"), "Unknown")],
)
def test_without_a_known_key_nobody_gets_in(headers: Headers, reason: str) -> None:
    with pytest.raises(InvalidApiKey, match=reason):
        authenticator(PROXY_API_KEYS="one,two").authenticate(headers)


def test_without_auth_everybody_on_this_machine_is_its_admin() -> None:
    for headers in (Headers(), bearing("anything"), bearing("a", "b", also="c")):
        assert authenticator().authenticate(headers).role == "admin"


def test_anonymous_callers_are_readers_but_a_wrong_key_is_a_mistake() -> None:
    open_to_all = authenticator(PROXY_ALLOW_ANONYMOUS="true")
    assert open_to_all.authenticate(bearing("anything")).role == "reader"
    mixed = authenticator(PROXY_ALLOW_ANONYMOUS="true", PROXY_API_KEYS="one")
    assert mixed.authenticate(Headers()) == Caller("anonymous", "reader")
    with pytest.raises(InvalidApiKey):
        mixed.authenticate(bearing("wrong"))


@pytest.mark.parametrize("headers", [bearing("one", "two"), bearing("one", also="two")])
def test_two_different_keys_could_be_two_callers(headers: Headers) -> None:
    with pytest.raises(InvalidRequest):
        authenticator(PROXY_API_KEYS="one,two").authenticate(headers)


def test_the_same_key_twice_is_one() -> None:
    knows = authenticator(PROXY_API_KEYS="one")
    assert knows.authenticate(bearing("one", "one", also="one")).caller_id == "env-1"


def test_keys_may_be_of_any_script() -> None:
    assert authenticator(PROXY_API_KEYS="ключ-🔑").authenticate(bearing("ключ-🔑"))


def test_a_role_includes_those_below_it() -> None:
    admin, reader = Caller("a", "admin"), Caller("r", "reader")
    admin.require("reader")
    admin.require("admin")
    reader.require("reader")
    with pytest.raises(PermissionDenied, match="author"):
        reader.require("author")
