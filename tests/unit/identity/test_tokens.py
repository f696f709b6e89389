"""A token speaks for its reader when all of it is right, and for nobody when any of it is not."""

import base64
import json
import time
from collections.abc import Callable

import jwt
import pytest

from proxy.caller import Background
from proxy.errors import InvalidApiKey
from proxy.identity.key_set import KeySet
from proxy.identity.tokens import MAX_TOKEN_CHARS, TokenVerifier, looks_like_token
from tests.support.tokens import AUDIENCE, ISSUER, SECRET, Issuer, claims, shared_secret_token


def by_secret() -> TokenVerifier:
    return TokenVerifier(SECRET.encode(), issuer=ISSUER, audience=AUDIENCE)


def by_keys(*issuers: Issuer) -> TokenVerifier:
    async def fetch() -> bytes:
        return json.dumps({"keys": [issuer.jwk for issuer in issuers]}).encode()

    return TokenVerifier(KeySet(fetch), issuer=ISSUER, audience=AUDIENCE)


def _unsigned(algorithm: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."


BAD: dict[str, Callable[[], str]] = {
    "malformed": lambda: "a.b.c",
    "cut off": lambda: shared_secret_token()[:-3],
    "expired": lambda: shared_secret_token(exp=int(time.time()) - 61),
    "not yet valid": lambda: shared_secret_token(nbf=int(time.time()) + 120),
    "issued in the future": lambda: shared_secret_token(iat=int(time.time()) + 120),
    "wrong audience": lambda: shared_secret_token(aud="https://other.example"),
    "no audience": lambda: shared_secret_token(aud=None),
    "wrong issuer": lambda: shared_secret_token(iss="https://evil.example"),
    "no issuer": lambda: shared_secret_token(iss=None),
    "without end": lambda: shared_secret_token(exp=None),
    "nobody's": lambda: shared_secret_token(sub=None),
    "of an empty subject": lambda: shared_secret_token(sub=""),
    "of an unprintable subject": lambda: shared_secret_token(sub="a\0b"),
    "of an endless subject": lambda: shared_secret_token(sub="x" * 257),
    "another secret": lambda: shared_secret_token(secret="x" * 40),
    "alg none": lambda: _unsigned("none"),
    "alg None": lambda: _unsigned("None"),
    "another HMAC": lambda: jwt.encode(claims(), SECRET, algorithm="HS512"),
    "too long": lambda: shared_secret_token(filler="x" * MAX_TOKEN_CHARS),
    "unknown crit": lambda: jwt.encode(
        claims(), SECRET, algorithm="HS256", headers={"crit": ["x"], "x": 1}
    ),
    "of a public key": lambda: Issuer("RS256").token(),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_speaks_for_nobody(name: str) -> None:
    with pytest.raises(InvalidApiKey) as refused:
        await by_secret().caller(BAD[name]())
    assert refused.value.code == ("token_expired" if name == "expired" else "invalid_token")


async def test_a_good_token_is_its_subject_with_role_and_background() -> None:
    token = shared_secret_token(
        role="author", software_background="expert", hardware_background="wizard"
    )
    caller = await by_secret().caller(token)
    assert (caller.caller_id, caller.role) == ("jwt:ann", "author")
    assert caller.background == Background("expert", None)


@pytest.mark.parametrize("role", [None, "user", "ADMIN", 7, ["admin"], {"admin": True}])
async def test_a_role_we_do_not_know_is_a_reader(role: object) -> None:
    assert (await by_secret().caller(shared_secret_token(role=role))).role == "reader"


async def test_clocks_may_differ_by_a_minute() -> None:
    assert await by_secret().caller(shared_secret_token(exp=int(time.time()) - 30))
    assert await by_secret().caller(shared_secret_token(iat=int(time.time()) + 30))


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "ES256"])
async def test_published_keys_verify_what_they_signed_and_nothing_else(algorithm: str) -> None:
    site, stranger = Issuer(algorithm), Issuer(algorithm)
    knows = by_keys(site)
    assert (await knows.caller(site.token())).caller_id == "jwt:ann"
    assert (await knows.caller(site.token(kid=None))).caller_id == "jwt:ann"
    for bad in (stranger.token(), site.token(kid="unknown"), site.token(aud="x")):
        with pytest.raises(InvalidApiKey):
            await knows.caller(bad)


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
async def test_a_public_key_is_no_shared_secret(algorithm: str) -> None:
    """HS/RS confusion: what everybody can read must not sign."""
    site = Issuer(algorithm)
    number = site.jwk["n" if algorithm == "RS256" else "x"]
    for secret in (base64.urlsafe_b64decode(number + "=="), number.encode()):
        forged = jwt.encode(claims(), secret, algorithm="HS256", headers={"kid": site.kid})
        with pytest.raises(InvalidApiKey):
            await by_keys(site).caller(forged)


async def test_a_key_that_is_no_signature_s_is_not_used() -> None:
    site = Issuer("RS256")

    async def fetch() -> bytes:
        keys = [{**site.jwk, "use": "enc"}, {"kty": "oct", "k": "eHh4", "kid": "shared"}]
        return json.dumps({"keys": keys}).encode()

    knows = TokenVerifier(KeySet(fetch), issuer=ISSUER, audience=AUDIENCE)
    with pytest.raises(InvalidApiKey):
        await knows.caller(site.token())


async def test_without_kid_two_keys_are_one_too_many() -> None:
    first, second = Issuer(kid="1"), Issuer(kid="2")
    knows = by_keys(first, second)
    assert await knows.caller(second.token())
    with pytest.raises(InvalidApiKey):
        await knows.caller(second.token(kid=None))


def test_a_token_is_told_by_its_form() -> None:
    assert looks_like_token(shared_secret_token())
    assert not looks_like_token("bp_key")
