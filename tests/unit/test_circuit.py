"""A circuit opens when half of enough calls fail, tries again, and never counts what it forgot."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.circuit import FAILING_SHARE, LEAST_CALLS, OPEN_S, WINDOW_S, Circuit


class Clock:
    """Says what time it is when told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(clock)
    assert [circuit.failed() for _ in range(LEAST_CALLS)] == [False] * (LEAST_CALLS - 1) + [True]
    return circuit


def test_a_few_failures_say_nothing() -> None:
    circuit = Circuit(Clock())
    assert not any(circuit.failed() for _ in range(LEAST_CALLS - 1))
    assert circuit.wait_s() == 0


def test_an_upstream_that_fails_less_than_half_the_time_is_asked_on() -> None:
    circuit = Circuit(Clock())
    for _ in range(100):
        circuit.succeeded()
        circuit.succeeded()
        assert not circuit.failed()
    assert circuit.state == "closed"


def test_what_is_long_ago_does_not_count() -> None:
    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(LEAST_CALLS - 1):
        circuit.failed()
    clock.now_s += WINDOW_S + 0.1
    assert circuit.is_calm
    assert not circuit.failed()


def test_one_failure_of_the_call_that_tries_opens_it_again() -> None:
    clock = Clock()
    circuit = opened(clock)
    assert circuit.wait_s() >= OPEN_S
    clock.now_s += OPEN_S + 1
    assert circuit.wait_s() == 0
    assert circuit.wait_s() > 0, "only one tries"
    assert circuit.failed()
    assert circuit.wait_s() >= OPEN_S


def test_a_call_that_was_begun_before_does_not_open_it_twice() -> None:
    circuit = opened(Clock())
    assert not any(circuit.failed() for _ in range(3 * LEAST_CALLS))


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=200))
def test_it_opens_exactly_when_half_of_the_calls_in_the_window_fail(
    calls: list[tuple[bool, float]],
) -> None:
    clock = Clock()
    circuit = Circuit(clock)
    seen: list[tuple[float, bool]] = []
    for has_failed, pause_s in calls:
        clock.now_s += pause_s
        seen = [(at, bad) for at, bad in seen if at >= clock.now_s - WINDOW_S]
        seen.append((clock.now_s, has_failed))
        failures = sum(bad for _, bad in seen)
        is_failing = len(seen) >= LEAST_CALLS and failures >= len(seen) * FAILING_SHARE
        if has_failed:
            assert circuit.failed() == is_failing
            if is_failing:
                return
        else:
            circuit.succeeded()
