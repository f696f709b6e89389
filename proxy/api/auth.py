"""Who a caller is: a key to a `Caller`, or 401.

Only digests of keys are kept, and every one is compared in constant time. No auth configured, on
loopback: whoever can reach this machine's own address is its admin.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import Headers

from proxy.errors import InvalidApiKey, PermissionDenied
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
            (_digest(key.get_secret_value()), Caller(f"env-{n}", "reader"))
            for n, key in enumerate(settings.api_keys, start=1)
        ]
        self._keys.append((_digest(local_token), Caller("local", "admin")))

    def authenticate(self, headers: Headers) -> Caller:
        """Return who sends these headers.

        Raises:
            InvalidApiKey: no credential where one is needed, or an unknown one.
        """
        credential = _credential(headers)
        if credential:
            digest = _digest(credential[:_MAX_CREDENTIAL_CHARS])
            found = [c for known, c in self._keys if hmac.compare_digest(known, digest)]
            if found:
                return found[0]
        if not self._has_auth:
            return Caller("anonymous", "reader" if self._allow_anonymous else "admin")
        if self._allow_anonymous and not credential:
            return Caller("anonymous", "reader")
        raise InvalidApiKey("No API key was given." if not credential else "Unknown API key.")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _credential(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key", "").strip()
