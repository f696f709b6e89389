"""Who a caller is: a key to a `Caller`, or 401.

Only digests of keys are kept, and every one is compared in constant time. No auth configured, on
loopback: whoever can reach this machine's own address is its admin.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import Headers

from proxy.errors import InvalidApiKey, InvalidRequest, PermissionDenied
from proxy.settings import ServerSettings

Role = Literal["reader", "author", "admin"]
_RANK: dict[Role, int] = {"reader": 0, "author": 1, "admin": 2}
_MAX_CREDENTIAL_CHARS = 8_192


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller."""

    caller_id: str
    role: Role

    def require(self, role: Role) -> None:
        """Return when the caller's role suffices.

        Raises:
            PermissionDenied: it does not.
        """
        if _RANK[self.role] < _RANK[role]:
            raise PermissionDenied(f"This needs the role '{role}'.")


class Authenticator:
    """Knows the keys of this process."""

    def __init__(self, settings: ServerSettings, local_token: str) -> None:
        self._has_auth = settings.has_auth
        self._allow_anonymous = settings.allow_anonymous
        self._keys = [
            (_digest(key.get_secret_value().encode()), Caller(f"env-{n}", "reader"))
            for n, key in enumerate(settings.api_keys, start=1)
        ]
        self._keys.append((_digest(local_token.encode()), Caller("local", "admin")))
        is_open = not settings.has_auth and not settings.allow_anonymous
        self._anonymous = Caller("anonymous", "admin" if is_open else "reader")

    def authenticate(self, headers: Headers) -> Caller:
        """Return who sends these headers.

        Raises:
            InvalidApiKey: no credential where one is needed, or an unknown one.
            InvalidRequest: two different ones.
        """
        credentials = _credentials(headers)
        if len(credentials) > 1 and self._has_auth:
            raise InvalidRequest(
                "Two different API keys were given.", code="conflicting_credentials"
            )
        for credential in credentials:
            # HTTP gives headers as Latin-1; a key may be any UTF-8.
            digest = _digest(credential[:_MAX_CREDENTIAL_CHARS].encode("latin-1", "replace"))
            found = None
            for known, caller in self._keys:  # all of them: the time tells nothing
                if hmac.compare_digest(known, digest):
                    found = found or caller
            if found is not None:
                return found
        if not self._has_auth:
            return self._anonymous
        if self._allow_anonymous and not credentials:
            return self._anonymous
        raise InvalidApiKey("Unknown API key." if credentials else "No API key was given.")


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _credentials(headers: Headers) -> set[str]:
    """Return the different keys among all carriers; more than one could make two callers."""
    given: set[str] = set()
    if "x-api-key" in headers:
        given |= {key.strip() for key in headers.getlist("x-api-key")}
    for header in headers.getlist("authorization"):
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer":
            given.add(token.strip())
    return given - {""}
