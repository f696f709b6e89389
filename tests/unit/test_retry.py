"""Retries are a tenth of all calls, and a few for those who call little."""

from proxy.retry import MOST_RETRIES_AT_ONCE, RETRIES_PER_S, RetryBudget


class Clock:
    """Says what time it is when told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def _taken(budget: RetryBudget) -> int:
    taken = 0
    while budget.take():
        taken += 1
    return taken


def test_a_tenth_of_the_calls_that_went_well_may_be_made_again() -> None:
    budget = RetryBudget(Clock())
    assert _taken(budget) == MOST_RETRIES_AT_ONCE
    for _ in range(41):
        budget.earn()
    assert _taken(budget) == 4


def test_those_who_call_little_may_try_again_now_and_then() -> None:
    clock = Clock()
    budget = RetryBudget(clock)
    _taken(budget)
    clock.now_s += 3.5 / RETRIES_PER_S
    assert _taken(budget) == 3


def test_nobody_saves_up_more_than_a_few() -> None:
    clock = Clock()
    budget = RetryBudget(clock)
    clock.now_s += 1e6
    for _ in range(1_000):
        budget.earn()
    assert _taken(budget) == MOST_RETRIES_AT_ONCE
