"""A bucket that fills with what a quota gives, and who may draw from it when it is low."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_BURST_S = 10.0
"""What the bucket holds, in seconds of the quota."""
_ACTIVE = 0.3
_FAR_MORE = 2.0
_LEARNING = 0.1


@dataclass(frozen=True, slots=True)
class Drawn:
    """What all callers together have used of late."""

    amount: float
    active: int
    """How many of them count as being there."""


class Bucket:
    """A quota per minute, counted in requests or tokens; it may be overdrawn by what was not known.

    `unit` is what one request usually costs.
    """

    def __init__(self, counted: Literal["requests", "tokens"], per_minute: int) -> None:
        self.unit = 1.0
        self._counted = counted
        self._whole = per_minute
        self.per_minute = float(per_minute)
        self._level = self._capacity

    @property
    def _capacity(self) -> float:
        return max(self.unit, self.per_minute / 60.0 * _BURST_S)

    @property
    def _reserve(self) -> float:
        """For those who used less than their share."""
        return self._capacity / 2.0 if self._capacity >= 2.0 * self.unit else 0.0

    def divide(self, processes: int) -> None:
        """Hold one process's part from now on."""
        self.per_minute = self._whole / processes
        self.fill(0.0)

    def fill(self, since_s: float) -> None:
        """Take in what that many seconds give."""
        self._level = min(self._capacity, self._level + since_s * self.per_minute / 60.0)

    def spend(self, amount: float) -> None:
        """Give out an amount, or take one back."""
        self._level = min(self._capacity, self._level - amount)

    def drawn(self, amounts: Sequence[float]) -> Drawn:
        """Return what these callers have used together."""
        return Drawn(sum(amounts), sum(amount > _ACTIVE * self.unit for amount in amounts))

    def lacking_s(self, cost: float, mine: float, drawn: Drawn) -> float:
        """Return how long it has to fill for a request of a caller who used `mine` of late."""
        reserve = self._reserve if self._is_heavy(mine, drawn) else 0.0
        return self.until_s(reserve + min(cost, self._capacity - reserve))

    def until_s(self, level: float) -> float:
        """Return how long it has to fill until so much is in it."""
        return (min(level, self._capacity) - self._level) / (self.per_minute / 60.0)

    def headers(self, reset_s: float) -> list[tuple[bytes, bytes]]:
        """Return how everybody stands with an empty bucket."""
        counted = self._counted.encode()
        return [
            (b"x-ratelimit-limit-" + counted, str(int(self.per_minute)).encode()),
            (b"x-ratelimit-remaining-" + counted, b"0"),
            (b"x-ratelimit-reset-" + counted, f"{math.ceil(reset_s)}s".encode()),
        ]

    def _is_heavy(self, mine: float, drawn: Drawn) -> bool:
        """Whether this much is more than one's share, or far more than the others' at its start."""
        newcomer = 1  # whoever comes next finds a share, too
        if mine > self.per_minute / (drawn.active + newcomer):
            return True
        others = (drawn.amount - mine) / max(drawn.active - 1, 1)
        return mine > max(self._reserve, _FAR_MORE * others)


def learnt(usual: float, cost: float) -> float:
    """Return what a request usually costs, once another has cost so much; below 2: not known."""
    return cost if usual < 2.0 else usual + _LEARNING * (cost - usual)
