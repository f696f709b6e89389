"""API keys: `bp_ID_SECRET`. The id finds the key, the secret proves it.

A secret of 32 random bytes needs no slow hash: it cannot be guessed, so SHA-256 is what is stored.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from proxy.caller import Allowance, Caller, Role
from proxy.errors import InvalidApiKey
from proxy.store import ApiKey

_FORM = re.compile(r"bp_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


def new_key(
    name: str,
    *,
    role: Role = "reader",
    books: Collection[str] | None = None,
    allowance: Allowance | None = None,
    expires: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Return a key to store and the text of it, which is known only now."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    key = ApiKey(
        key_id=key_id,
        name=name,
        digest=_digest(secret),
        role=role,
        books=None if books is None else frozenset(books),
        allowance=allowance or Allowance(),
        created=datetime.now(UTC),
        expires=expires,
    )
    return key, f"bp_{key_id}_{secret}"


def key_object(key: ApiKey) -> dict[str, Any]:
    """Return a key as the command line and the API show it: nothing that proves it."""
    return {
        "id": key.key_id,
        "name": key.name,
        "role": key.role,
        "books": None if key.books is None else ",".join(sorted(key.books)),
        "rpm": key.allowance.requests_per_minute,
        "tpm": key.allowance.tokens_per_minute,
        "tokens_per_day": key.allowance.tokens_per_day,
        "created": key.created.isoformat(),
        "expires": None if key.expires is None else key.expires.isoformat(),
        "state": _state(key),
    }


def _state(key: ApiKey) -> str:
    if key.revoked is not None:
        return "revoked"
    is_over = key.expires is not None and key.expires <= datetime.now(UTC)
    return "expired" if is_over else "active"


def key_id_of(credential: str) -> str | None:
    """Return the id within a key's text, None for what is no key of ours."""
    found = _FORM.fullmatch(credential)
    return None if found is None else found[1]


def caller_of_key(key: ApiKey | None, credential: str, now: datetime) -> Caller:
    """Return whose key it is.

    Raises:
        InvalidApiKey: unknown, not the right secret, revoked or expired.
    """
    found = _FORM.fullmatch(credential)
    secret = "" if found is None else found[2]
    # Compared for an unknown id, too: how long a refusal takes tells nothing.
    known = _NOBODYS_DIGEST if key is None else key.digest
    is_right = hmac.compare_digest(known, _digest(secret))
    if key is None or not is_right:
        raise InvalidApiKey("Unknown API key.")
    if key.revoked is not None:
        raise InvalidApiKey("This API key was revoked.", code="api_key_revoked")
    if key.expires is not None and key.expires <= now:
        raise InvalidApiKey("This API key has expired.", code="api_key_expired")
    return Caller(f"key:{key.key_id}", key.role, books=key.books, allowance=key.allowance)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


_NOBODYS_DIGEST = _digest(secrets.token_urlsafe(32))
