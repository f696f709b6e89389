"""Whether a dependency works is asked rarely, and told in a word."""

import asyncio
import time

import pytest

from proxy.errors import RetrievalUnavailable
from proxy.state import DependencyCheck


class Dependency:
    """Answers a check as it is told; counts the questions."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked = 0

    async def check(self) -> None:
        """Be asked."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure


async def test_a_fresh_outcome_stands() -> None:
    dependency = Dependency()
    check = DependencyCheck(dependency.check)
    assert await check.outcome() == "ok"
    dependency.failure = RetrievalUnavailable("gone")
    assert await check.outcome() == "ok"
    assert dependency.asked == 1


async def test_an_old_outcome_is_asked_anew() -> None:
    dependency = Dependency(RetrievalUnavailable("secret address"))
    check = DependencyCheck(dependency.check, _outcome="ok", _checked_at_s=time.monotonic() - 60)
    assert await check.outcome() == "retrieval_unavailable"
    assert dependency.asked == 1


async def test_silence_is_a_timeout() -> None:
    assert await DependencyCheck(Dependency(TimeoutError()).check).outcome() == "timeout"


async def test_many_who_ask_at_once_cost_one_check() -> None:
    dependency, answer = Dependency(), asyncio.Event()

    async def slow() -> None:
        await answer.wait()
        await dependency.check()

    check = DependencyCheck(slow)
    impatient, *others = [asyncio.create_task(check.outcome()) for _ in range(300)]
    await asyncio.sleep(0)
    impatient.cancel()
    answer.set()
    assert await asyncio.gather(*others) == ["ok"] * 299
    assert impatient.cancelled()
    assert dependency.asked == 1


async def test_a_check_that_breaks_is_asked_again() -> None:
    dependency = Dependency(ZeroDivisionError())
    check = DependencyCheck(dependency.check)
    with pytest.raises(ZeroDivisionError):
        await check.outcome()
    dependency.failure = None
    assert await check.outcome() == "ok"
