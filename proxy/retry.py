"""How long an upstream may take, and when it is asked again: once, before anything was used of it.

Two retrying layers multiply (the OpenAI SDKs above us retry twice already), and a retry after the
first token would glue two answers together. An upstream that says how long to wait is obeyed.
"""

import math
import random
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

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

LONGEST_RETRY_INFO_S = 2.0
"""A longer wait is the client's to decide on: it gets the 429 with `retry-after`."""

_JITTER_S = (0.1, 0.4)

P = ParamSpec("P")
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
    return isinstance(exc, UpstreamUnreachable | UpstreamFailed | UpstreamOverloaded)


async def with_one_retry(
    deadline: Deadline, call: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Await `call(…)`, and once more after a failure that is worth it and fits the deadline.

    Raises:
        ProxyError: what the last call raised.
    """
    try:
        return await call(*args, **kwargs)
    except ProxyError as exc:
        if not is_worth_retrying(exc):
            raise
        first = exc
    retrying = AsyncRetrying(
        stop=stop_after_attempt(2) | stop_before_delay(deadline.remaining_s()),
        wait=_wait_s,
        retry=retry_if_exception(is_worth_retrying),
        reraise=True,
    )

    async def again() -> T:
        # The first failure is tenacity's first attempt, so that the common, good case never pays
        # for its bookkeeping (an eighth of a relayed answer's CPU).
        if retrying.statistics["attempt_number"] == 1:
            raise first
        return await call(*args, **kwargs)

    return await retrying(again)


def _wait_s(state: RetryCallState) -> float:
    exc = state.outcome.exception() if state.outcome else None
    if isinstance(exc, RateLimited) and exc.retry_after_s is not None:
        return exc.retry_after_s
    return random.uniform(*_JITTER_S)  # noqa: S311 - spreads load, guards nothing
