"""Asking one upstream: measured, retried within a budget, left alone while it keeps failing.

Failures are counted by model: one that is overloaded says nothing about the others. What the
client did wrong, what it may not do, a limit that is reached and a client that went away are no
failures of the upstream.
"""

import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from proxy.circuit import LEAST_CALLS, Circuit
from proxy.deadline import Deadline
from proxy.errors import (
    ProxyError,
    RetrievalUnavailable,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.retry import CIRCUIT_OPEN, RetryBudget, is_worth_retrying, once_more
from proxy.telemetry.instruments import OTHER
from proxy.telemetry.logs import log
from proxy.telemetry.metrics import (
    CIRCUIT_REFUSALS,
    CIRCUITS_OPENED,
    UPSTREAM_ERRORS,
    UPSTREAM_RETRIES,
    UPSTREAM_SECONDS,
)

_FAILURES = (
    RetrievalUnavailable,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
_MAX_CIRCUITS = 100

P = ParamSpec("P")
T = TypeVar("T")


def _overloaded(wait_s: float) -> ProxyError:
    return UpstreamOverloaded(
        "The upstream has failed too often a moment ago, and is left alone for another.",
        code=CIRCUIT_OPEN,
        retry_after_s=wait_s,
    )


class Upstream:
    """One upstream, as far as several calls of it have something to do with each other.

    `refusal` makes what is raised while it is left alone, which it never is with 0 `least_calls`.
    """

    def __init__(
        self,
        name: str,
        clock: Callable[[], float] = time.monotonic,
        refusal: Callable[[float], ProxyError] = _overloaded,
        *,
        least_calls: int = LEAST_CALLS,
    ) -> None:
        self.name = name
        self._least_calls = least_calls
        self._refusal = refusal
        self._clock = clock
        self._budget = RetryBudget(clock)
        self._circuits: dict[str, Circuit] = {}
        """By model; of those only that have failed of late."""

    async def ask(
        self,
        model: str,
        operation: str,
        deadline: Deadline,
        call: Callable[P, Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Await `call(…)`, and once more after a failure that is worth it and fits the deadline.

        Where the budget for that is used up, the client is told not to try again either.

        Raises:
            UpstreamOverloaded: with the code `upstream_circuit_open`; the upstream was not asked.
            ProxyError: what the last call raised.
        """
        try:
            return await self.ask_once(model, operation, call, *args, **kwargs)
        except ProxyError as exc:
            if not is_worth_retrying(exc):
                raise
            if not self._may_retry():
                exc.should_retry = False
                raise
            failure = exc
        again = partial(self.ask_once, model, operation, call, *args, **kwargs)
        return await once_more(failure, deadline, again)

    async def ask_once(
        self,
        model: str,
        operation: str,
        call: Callable[P, Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Await `call(…)`, and never again; raises as `ask` does."""
        circuit = self._circuits.get(model)
        if circuit is not None:
            self._check(circuit)
        began_s = time.perf_counter()
        try:
            result = await call(*args, **kwargs)
        except _FAILURES as exc:
            self._failed(model, exc)
            raise
        except BaseException as exc:
            if isinstance(exc, ProxyError):
                UPSTREAM_ERRORS.add(self.name, exc.code)
            if circuit is not None:
                circuit.given_up()
            raise
        UPSTREAM_SECONDS.observe(time.perf_counter() - began_s, self.name, operation)
        self._budget.earn()
        if circuit is not None:
            self._recovered(model, circuit)
        return result

    def circuits(self) -> Iterable[tuple[str, Circuit]]:
        """Return what is not in order: models with their circuits, those that are not closed."""
        return [(model, one) for model, one in self._circuits.items() if one.state != "closed"]

    def _check(self, circuit: Circuit) -> None:
        if wait_s := circuit.wait_s():
            CIRCUIT_REFUSALS.add(self.name)
            raise self._refusal(wait_s)

    def _failed(self, model: str, failure: ProxyError) -> None:
        UPSTREAM_ERRORS.add(self.name, failure.code)
        if not self._least_calls:
            return
        circuit = self._circuits.get(model)
        if circuit is None:
            if len(self._circuits) >= _MAX_CIRCUITS:
                self._forget_calm_ones()
            if len(self._circuits) >= _MAX_CIRCUITS:  # whoever makes up names can do no more
                model = OTHER
            circuit = self._circuits.setdefault(model, Circuit(self._clock, self._least_calls))
        if circuit.failed():
            CIRCUITS_OPENED.add(self.name, model)
            log.warning("circuit_opened", upstream=self.name, model=model, cause=failure.code)

    def _recovered(self, model: str, circuit: Circuit) -> None:
        was = circuit.state
        circuit.succeeded()
        if was != "closed":
            log.info("circuit_closed", upstream=self.name, model=model)
        if circuit.is_calm:
            self._circuits.pop(model, None)

    def _forget_calm_ones(self) -> None:
        for model in [model for model, one in self._circuits.items() if one.is_calm]:
            del self._circuits[model]

    def _may_retry(self) -> bool:
        may = self._budget.take()
        UPSTREAM_RETRIES.add(self.name, "again" if may else "over-budget")
        return may
