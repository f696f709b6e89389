"""Who asks: the principal that every stored row and every limit belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from proxy.errors import PermissionDenied

Role = Literal["reader", "author", "admin"]
Level = Literal["beginner", "intermediate", "advanced", "expert"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each includes those before it."""
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Background:
    """How much a reader knows already; None: not said."""

    software: Level | None = None
    hardware: Level | None = None

    def overlaid(self, other: "Background") -> "Background":
        """Return what `other` says, and this where it says nothing."""
        return Background(other.software or self.software, other.hardware or self.hardware)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may use, where that differs from the settings (None); 0: without limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None


NOT_SAID = Allowance()
"""As the settings have it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose credential was checked, or whom the settings let in without one."""

    caller_id: str
    """Stable, and no secret."""
    role: Role
    books: frozenset[str] | None = None
    """The only ones this caller may read; None: all."""
    background: Background = Background()
    """What the credential says; a stored profile goes before it."""
    allowance: Allowance = NOT_SAID
    is_anonymous: bool = False
    """Its id can be had for the asking, so limits go by address."""

    def require(self, role: Role) -> None:
        """Return when the caller's role suffices.

        Raises:
            PermissionDenied: it does not.
        """
        if ROLES.index(self.role) < ROLES.index(role):
            raise PermissionDenied(f"This needs the role '{role}'.")

    def may_read(self, book_id: str) -> bool:
        """Whether a book is there for this caller."""
        return self.books is None or book_id in self.books

    def readable(self, asked: Collection[str] | None) -> list[str] | None:
        """Return which of the books asked for (None: all) are to be searched; None: all there are.

        A book the caller may not read is as one that does not exist.
        """
        if self.books is None:
            return None if asked is None else list(asked)
        return sorted(self.books if asked is None else self.books & set(asked))
