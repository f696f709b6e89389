"""Whether an upstream that keeps failing is asked at all. Pure: the clock is handed in.

Closed, it counts; open, it refuses for a few seconds; then one call tries, and decides for all.
"""

import random
from collections import deque
from collections.abc import Callable
from typing import Literal

WINDOW_S = 10.0
LEAST_CALLS = 20
"""Fewer calls in the window say nothing about an upstream."""
FAILING_SHARE = 0.5
OPEN_S = 5.0
_JITTER_S = 1.0
"""Several processes do not try again in the same moment."""

State = Literal["closed", "open", "trying"]


class Circuit:
    """One upstream, or one model of it; made when it first fails, and of use until it is calm."""

    def __init__(self, clock: Callable[[], float], least_calls: int = LEAST_CALLS) -> None:
        self._clock = clock
        self._least_calls = least_calls
        self._calls: deque[tuple[float, bool]] = deque()
        """When a call ended and whether it failed, oldest first; none older than the window."""
        self._failures = 0
        self._open_until_s = 0.0
        self.state: State = "closed"

    def wait_s(self) -> float:
        """Return how long the upstream is left alone yet; 0: it may be asked now.

        The first to hear 0 of a circuit that was open makes the call that decides.
        """
        if self.state == "closed":
            return 0.0
        left_s = self._open_until_s - self._clock()
        if left_s > 0 or self.state == "trying":
            return max(left_s, 0.1)
        self.state = "trying"
        return 0.0

    def succeeded(self) -> None:
        """Take in that a call did."""
        if self.state == "trying":
            self._close()
        self._note(has_failed=False)

    def failed(self) -> bool:
        """Take in that a call did; return whether that opened the circuit."""
        self._note(has_failed=True)
        if self.state == "trying":
            self._open()
            return True
        calls = len(self._calls)
        if (
            self.state == "closed"
            and calls >= self._least_calls
            and self._failures >= calls * FAILING_SHARE
        ):
            self._open()
            return True
        return False

    def given_up(self) -> None:
        """Take in that a call says nothing about the upstream: its client has gone, or erred."""
        if self.state == "trying":  # the next one decides
            self.state = "open"

    @property
    def is_calm(self) -> bool:
        """Whether nothing has failed of late, so that it may be forgotten."""
        self._forget()
        return self.state == "closed" and not self._failures

    def _note(self, *, has_failed: bool) -> None:
        self._forget()
        self._calls.append((self._clock(), has_failed))
        self._failures += has_failed

    def _forget(self) -> None:
        oldest_s = self._clock() - WINDOW_S
        while self._calls and self._calls[0][0] < oldest_s:
            self._failures -= self._calls.popleft()[1]

    def _open(self) -> None:
        self.state = "open"
        self._open_until_s = self._clock() + OPEN_S + random.uniform(0, _JITTER_S)  # noqa: S311
        self._calls.clear()
        self._failures = 0

    def _close(self) -> None:
        self.state = "closed"
