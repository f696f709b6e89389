"""One deadline per request, made where it enters and passed down to every call it causes."""

import time
from dataclasses import dataclass

CHECK_TIMEOUT_S = 3.0
"""Of asking a dependency whether it works."""


@dataclass(slots=True)
class Deadline:
    """A moment on the monotonic clock."""

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that lies `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def remaining_s(self) -> float:
        """Return the seconds left, never below zero."""
        return max(0.0, self.at_s - time.monotonic())

    def within(self, limit_s: float) -> float:
        """Return the seconds a call may take whose own limit is `limit_s`."""
        return min(limit_s, self.remaining_s())
