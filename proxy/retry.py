"""How long an upstream may take, and when it is asked again: once, before anything was used of it.

Two retrying layers multiply (the OpenAI SDKs above us retry twice already), and a retry after the
first token would glue two answers together. An upstream that says how long to wait is obeyed.
"""

import math
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
)

from proxy.deadline import Deadline
from proxy.errors import (
    ProxyError,
    QuotaExhausted,
    RateLimited,
    UpstreamFailed,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)

CIRCUIT_OPEN = "upstream_circuit_open"
"""The code of a call that was not made: the upstream is left alone (`upstream.py`)."""
LONGEST_RETRY_INFO_S = 2.0
"""A longer wait is the client's to decide on: it gets the 429 with `retry-after`."""

_JITTER_S = (0.1, 0.4)
MOST_RETRIES_AT_ONCE = 10.0
RETRIES_PER_CALL = 0.1
RETRIES_PER_S = 0.1

T = TypeVar("T")


def time_for_call(deadline: Deadline, limit_s: float = math.inf) -> float:
    """Return the seconds a call may take whose own limit is `limit_s`.

    Raises:
        UpstreamTimeout: none are left; the upstream is not even asked.
    """
    left_s = deadline.within(limit_s)
    if left_s <= 0:
        raise UpstreamTimeout("There was no time left to ask the upstream.")
    return left_s


def is_worth_retrying(exc: BaseException) -> bool:
    """Whether the same call may well succeed within two seconds."""
    if isinstance(exc, RateLimited) and not isinstance(exc, QuotaExhausted):
        return exc.retry_after_s is not None and exc.retry_after_s <= LONGEST_RETRY_INFO_S
    if isinstance(exc, UpstreamOverloaded) and exc.code == CIRCUIT_OPEN:
        return False
    return isinstance(exc, UpstreamUnreachable | UpstreamFailed | UpstreamOverloaded)


class RetryBudget:
    """How many calls may be made again: a tenth of all, and a few for those who call little.

    An upstream that is down would else be asked twice as much as one that is well.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = MOST_RETRIES_AT_ONCE
        self._counted_at_s = clock()

    def earn(self) -> None:
        """Take in that a call went well."""
        self._left = min(MOST_RETRIES_AT_ONCE, self._left + RETRIES_PER_CALL)

    def take(self) -> bool:
        """Take one retry, if there is one."""
        now_s = self._clock()
        earned = (now_s - self._counted_at_s) * RETRIES_PER_S
        self._counted_at_s = now_s
        self._left = min(MOST_RETRIES_AT_ONCE, self._left + earned)
        if self._left < 1:
            return False
        self._left -= 1
        return True


async def once_more(
    failure: ProxyError, deadline: Deadline, call: Callable[[], Coroutine[Any, Any, T]]
) -> T:
    """Await `call()`, which failed before, after a pause; as far as that fits the deadline.

    Raises:
        ProxyError: what the call raises, or `failure` where there is no time.
    """
    retrying = AsyncRetrying(
        stop=stop_after_attempt(2) | stop_before_delay(deadline.remaining_s()),
        wait=_wait_s,
        retry=retry_if_exception(is_worth_retrying),
        reraise=True,
    )

    async def again() -> T:
        # The failure is tenacity's first attempt, so that the common, good case never pays for its
        # bookkeeping (an eighth of a relayed answer's CPU).
        if retrying.statistics["attempt_number"] == 1:
            raise failure
        return await call()

    return await retrying(again)


def _wait_s(state: RetryCallState) -> float:
    exc = state.outcome.exception() if state.outcome else None
    if isinstance(exc, RateLimited) and exc.retry_after_s is not None:
        return exc.retry_after_s
    return random.uniform(*_JITTER_S)  # noqa: S311 - spreads load, guards nothing
