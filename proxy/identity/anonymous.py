"""Ids for readers who do not sign in: signed, so that nobody can take on another's.

A page keeps the id it was given and sends it with every request; its conversations are found again.
"""

import base64
import hashlib
import hmac
import secrets

from proxy.caller import Caller
from proxy.errors import InvalidApiKey

_SIGNATURE_BYTES = 18
_ID_CHARS = 24
_MAX_CHARS = 128


class AnonymousIds:
    """Gives ids out and knows them again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self) -> tuple[Caller, str]:
        """Return a new reader and the signed id that makes it known again."""
        name = secrets.token_hex(_ID_CHARS // 2)
        return _caller(name), f"anon_{name}_{self._signature(name)}"

    def read(self, signed: str) -> Caller:
        """Return the reader that a signed id stands for.

        Raises:
            InvalidApiKey: we have not signed it.
        """
        prefix, _, rest = signed[:_MAX_CHARS].partition("_")
        name, _, signature = rest.partition("_")
        is_ours = hmac.compare_digest(signature.encode(), self._signature(name).encode())
        if prefix != "anon" or not is_ours:
            raise InvalidApiKey("Unknown anonymous id.", code="invalid_anonymous_id")
        return _caller(name)

    def _signature(self, name: str) -> str:
        digest = hmac.digest(self._secret, b"anonymous reader " + name.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


def _caller(name: str) -> Caller:
    return Caller(f"anon:{name}", "reader", is_anonymous=True)
