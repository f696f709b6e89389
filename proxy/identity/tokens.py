"""JSON Web Tokens to callers.

Source: RFC 8725 (best current practices). One issuer, one audience, and one kind of signature: with
HS256 and public keys in one verifier, a public key would do as a secret.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from proxy.caller import LEVELS, ROLES, Background, Caller, Level
from proxy.errors import InvalidApiKey
from proxy.identity.key_set import KeySet

MAX_TOKEN_CHARS = 8_192
MAX_SUBJECT_CHARS = 256
LEEWAY_S = 60.0
"""Clocks differ."""
_REQUIRED = ["exp", "sub", "iss", "aud"]


class TokenVerifier:
    """Knows the tokens of one issuer, signed with a shared secret or with its published keys."""

    def __init__(self, keys: KeySet | bytes, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def caller(self, token: str) -> Caller:
        """Return whom a token speaks for.

        Raises:
            InvalidApiKey: it is malformed, not the issuer's, not for us, or not valid now.
            IdentityUnavailable: the issuer's keys cannot be had.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise _invalid()
        try:
            claims = await self._claims(token)
        except ExpiredSignatureError as exc:
            raise InvalidApiKey("The token has expired.", code="token_expired") from exc
        except PyJWTError as exc:
            raise _invalid() from exc
        return _caller(claims)

    async def _claims(self, token: str) -> Mapping[str, Any]:
        if isinstance(self._keys, bytes):
            return self._decoded(token, self._keys, "HS256")
        key = await self._keys.find(_kid(token))
        if key is None:
            raise _invalid()
        return self._decoded(token, key, key.algorithm_name)

    def _decoded(self, token: str, key: jwt.PyJWK | bytes, algorithm: str) -> Mapping[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_S,
            options={"require": _REQUIRED},
        )


def looks_like_token(credential: str) -> bool:
    """Whether a credential has the form of a token: three parts between dots."""
    return credential.count(".") == 2


def _kid(token: str) -> str | None:
    kid = jwt.get_unverified_header(token).get("kid")
    return kid if isinstance(kid, str) else None


def _caller(claims: Mapping[str, Any]) -> Caller:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
        raise _invalid()
    if not subject.isprintable():  # two of them could look, or be stored, alike
        raise _invalid()
    role = claims.get("role")
    background = Background(
        _level(claims.get("software_background")), _level(claims.get("hardware_background"))
    )
    return Caller(
        f"jwt:{subject}",
        # Sites have roles of their own; one that we do not know lets read, no more.
        role if role in ROLES else "reader",
        background=background,
    )


def _level(claim: object) -> Level | None:
    return claim if claim in LEVELS else None


def _invalid() -> InvalidApiKey:
    return InvalidApiKey("The token is not valid here.", code="invalid_token")
