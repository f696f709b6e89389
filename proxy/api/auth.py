"""Who a caller is: the headers of a request to a `Caller`, or 401.

Configured keys are compared in this process, all of them and in constant time; only their digests
are kept. Other credentials are looked up or verified (`proxy/identity`). No auth configured, on
loopback: whoever can reach this machine's own address is its admin.
"""

import hashlib
import hmac

from starlette.datastructures import Headers

from proxy.caller import Allowance, Caller
from proxy.errors import InvalidApiKey, InvalidRequest
from proxy.identity.anonymous import AnonymousIds
from proxy.identity.recognition import Recognition
from proxy.settings import Settings

ANONYMOUS_ID = "x-anonymous-id"
_THIS_MACHINE = Caller("local", "admin", allowance=Allowance(0, 0, 0))
"""The command line."""
_MAX_CREDENTIAL_CHARS = 8_192


class Authenticator:
    """Knows the keys of this process, and who knows the others."""

    def __init__(
        self,
        settings: Settings,
        local_token: str,
        recognition: Recognition,
        anonymous_ids: AnonymousIds,
        *,
        has_stored_keys: bool,
    ) -> None:
        self._has_auth = settings.has_auth or has_stored_keys
        self._allow_anonymous = settings.server.allow_anonymous
        self._recognition = recognition
        self._anonymous_ids = anonymous_ids
        secrets = [key.get_secret_value().encode() for key in settings.server.api_keys]
        self._keys = [(_digest(secret), Caller(_name(secret), "reader")) for secret in secrets]
        self._keys.append((_digest(local_token.encode()), _THIS_MACHINE))
        self.is_open = not self._has_auth and not self._allow_anonymous
        """Whether whoever asks is the admin."""
        self._nobody = (
            Caller("anonymous", "admin")
            if self.is_open
            else Caller("anonymous", "reader", is_anonymous=True)
        )

    async def authenticate(self, headers: Headers) -> Caller:
        """Return who sends these headers.

        Raises:
            InvalidApiKey: no credential where one is needed, or an unknown one.
            InvalidRequest: two different ones.
            StoreUnavailable, IdentityUnavailable: it cannot be checked right now.
        """
        credentials = _credentials(headers)
        if not credentials and self.is_open:
            return self._nobody
        if len(credentials) > 1 and self._has_auth:
            raise InvalidRequest(
                "Two different API keys were given.", code="conflicting_credentials"
            )
        for credential in credentials:
            if (configured := self._configured(credential)) is not None:
                return configured
        if self._has_auth and credentials:
            return await self._recognition.caller(credentials.pop())
        if self.is_open:
            return self._nobody
        if self._allow_anonymous:
            given = headers.get(ANONYMOUS_ID)
            if given is None:
                return self._nobody
            caller = self._anonymous_ids.read(given)
            await self._recognition.require_active(caller)
            return caller
        given = "No API key was given"
        if "authorization" in headers:
            given = "The Authorization header holds no API key"
        raise InvalidApiKey(f"{given}: send it as 'Authorization: Bearer KEY'.")

    def _configured(self, credential: str) -> Caller | None:
        """Return whose key of the settings this is."""
        # HTTP gives headers as Latin-1; a key may be any UTF-8.
        digest = _digest(credential[:_MAX_CREDENTIAL_CHARS].encode("latin-1", "replace"))
        found = None
        for known, caller in self._keys:  # all of them: the time tells nothing
            if hmac.compare_digest(known, digest):
                found = found or caller
        return found


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _name(secret: bytes) -> str:
    """Return a configured key's id: the same one wherever in the list it stands."""
    return f"env:{_digest(b'name of ' + secret).hex()[:16]}"


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
