"""API keys as they are stored: never the secret, only its digest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from proxy.caller import Allowance, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key and what it is good for."""

    key_id: str
    """Public: the middle of the key itself."""
    name: str
    digest: bytes
    """SHA-256 of the secret."""
    role: Role
    books: frozenset[str] | None = None
    allowance: Allowance = field(default_factory=Allowance)
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None


class ApiKeys(Protocol):
    """Keeps keys; every method raises `StoreUnavailable` when the database does not answer."""

    async def add(self, key: ApiKey) -> None:
        """Keep a new key; durable on return."""
        ...

    async def find(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked and expired ones too; None for an unknown id."""
        ...

    async def keys(self) -> Sequence[ApiKey]:
        """Return all of them, the oldest first."""
        ...

    async def revoke(self, key_id: str, when: datetime) -> bool:
        """End a key; one that has ended keeps its time. False for an unknown id."""
        ...
