"""How long an ingest sits out a minute's quota and an upstream's bad moments, call by call.

Nobody waits for it as for an answer. Called by `indexer.py`, `batches.py` and
`situating.py`.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay
from tenacity.stop import stop_base

from proxy.errors import (
    ProxyError,
    QuotaExhausted,
    RateLimited,
    UpstreamFailed,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.telemetry.logs import log

ResultT = TypeVar("ResultT")

PATIENCE_S = 300.0
"""For one call, with all attempts and waits: where a minute's quota is one batch, the last of the
concurrent ones waits four minutes for its turn."""
MAX_FAILURES = 5
"""Of one call, limits not counted: those say themselves when to come again."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 32.0


async def patiently(
    call: Callable[[], Awaitable[ResultT]],
    sleep: Callable[[float], Awaitable[None]],
    *,
    event: str,
    repeats: Callable[[BaseException], bool] | None = None,
) -> ResultT:
    """Return what `call` comes to; waits are logged as `event`.

    `repeats` says after which failures it is made again; None: after all that may pass.

    Raises:
        ProxyError: it failed too often, for too long, or in a way that stays.
    """
    retrying = AsyncRetrying(
        sleep=sleep,
        stop=stop_before_delay(PATIENCE_S) | _Failures(),
        wait=_wait_s,
        retry=retry_if_exception(repeats or _may_pass),
        before_sleep=lambda state: _tell(state, event),
        reraise=True,
    )

    async def once() -> ResultT:  # tenacity awaits what a coroutine function returns, no lambda's
        return await call()

    return await retrying(once)


class _Failures(stop_base):
    """Stops when one call failed too often."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Count the failure of this attempt, unless it is a limit."""
        self._count += not isinstance(_failure_of(retry_state), RateLimited)
        return self._count >= MAX_FAILURES


def _failure_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _tell(state: RetryCallState, event: str) -> None:
    failure = _failure_of(state)
    log.warning(
        event,
        seconds=round(state.upcoming_sleep, 1),
        reason=failure.code if isinstance(failure, ProxyError) else None,
    )


def was_refused(exc: BaseException) -> bool:
    """Whether the upstream had no room for the call, and has certainly done nothing for it."""
    refusals = (RateLimited, UpstreamOverloaded)
    return isinstance(exc, refusals) and not isinstance(exc, QuotaExhausted)


def _may_pass(exc: BaseException) -> bool:
    """Whether the same call may well succeed within minutes."""
    if isinstance(exc, RateLimited):
        return not isinstance(exc, QuotaExhausted)
    transient = (UpstreamUnreachable, UpstreamFailed, UpstreamOverloaded, UpstreamTimeout)
    return isinstance(exc, transient)


def _wait_s(state: RetryCallState) -> float:
    """Return how long to wait: twice as long each time, and no less than the upstream asks for."""
    backoff_s = min(_FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1), _LONGEST_WAIT_S)
    exc = _failure_of(state)
    asked_s = exc.retry_after_s if isinstance(exc, RateLimited) else None
    return max(backoff_s, asked_s or 0.0)
