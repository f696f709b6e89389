"""One retry at most, only where it may help, only while there is time."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from proxy.adapters.gemini.transport import GeminiTransport
from proxy.deadline import Deadline
from proxy.errors import (
    InvalidRequest,
    ModelNotFound,
    ProxyError,
    QuotaExhausted,
    RateLimited,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.retry import (
    LONGEST_RETRY_INFO_S,
    is_worth_retrying,
    time_for_call,
    with_one_retry,
)
from tests.support import gemini_errors as errors
from tests.support.gemini_client import MODEL, open_transport
from tests.support.gemini_replies import Close, Reset, Text
from tests.support.gemini_server import FakeGemini


@pytest.fixture
async def transport(fake_gemini: FakeGemini) -> AsyncGenerator[GeminiTransport]:
    """A transport to a Gemini on a real socket."""
    async with open_transport(fake_gemini) as opened:
        yield opened


class Flaky:
    """Fails as told, then answers."""

    def __init__(self, *failures: BaseException) -> None:
        self._failures = list(failures)
        self.calls = 0

    async def __call__(self, answer: str, *, mark: str = "") -> str:
        """Fail, or return the answer."""
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return answer + mark


WORTH_IT: list[ProxyError] = [
    UpstreamUnreachable(""),
    UpstreamFailed(""),
    UpstreamOverloaded(""),
    RateLimited("", retry_after_s=0),
    RateLimited("", retry_after_s=LONGEST_RETRY_INFO_S),
]
NOT_WORTH_IT: list[BaseException] = [
    UpstreamTimeout(""),
    UpstreamInvalidResponse(""),
    UpstreamAuthError(""),
    InvalidRequest(""),
    ModelNotFound(""),
    RateLimited(""),
    RateLimited("", retry_after_s=LONGEST_RETRY_INFO_S + 0.1),
    QuotaExhausted("", retry_after_s=1),
    ValueError("a defect of ours"),
]


@pytest.mark.parametrize("failure", WORTH_IT, ids=repr)
def test_these_may_go_better_next_time(failure: ProxyError) -> None:
    assert is_worth_retrying(failure)


@pytest.mark.parametrize("failure", NOT_WORTH_IT, ids=repr)
async def test_these_are_tried_once(failure: BaseException) -> None:
    assert not is_worth_retrying(failure)
    call = Flaky(failure)
    with pytest.raises(type(failure)):
        await with_one_retry(Deadline.after(60), call, "answer")
    assert call.calls == 1


async def test_what_succeeds_is_called_once() -> None:
    call = Flaky()
    assert await with_one_retry(Deadline.after(60), call, "answer", mark="!") == "answer!"
    assert call.calls == 1


async def test_a_second_call_gets_the_same_arguments() -> None:
    call = Flaky(UpstreamOverloaded(""))
    assert await with_one_retry(Deadline.after(60), call, "answer", mark="!") == "answer!"
    assert call.calls == 2


async def test_there_is_no_third_and_the_last_failure_counts() -> None:
    call = Flaky(UpstreamOverloaded("first"), UpstreamFailed("second"), UpstreamFailed("third"))
    with pytest.raises(UpstreamFailed, match="second"):
        await with_one_retry(Deadline.after(60), call, "answer")
    assert call.calls == 2


async def test_the_upstreams_own_delay_is_waited_for() -> None:
    call = Flaky(RateLimited("", retry_after_s=0.3))
    began_s = time.monotonic()
    await with_one_retry(Deadline.after(60), call, "answer")
    assert 0.3 <= time.monotonic() - began_s < 0.6


@pytest.mark.parametrize(
    ("failure", "left_s"),
    [
        (RateLimited("", retry_after_s=1.5), 1.0),
        (UpstreamOverloaded(""), 0.05),
        (UpstreamOverloaded(""), -1),
    ],
)
async def test_a_retry_that_does_not_fit_the_deadline_is_not_begun(
    failure: ProxyError, left_s: float
) -> None:
    call = Flaky(failure)
    began_s = time.monotonic()
    with pytest.raises(type(failure)):
        await with_one_retry(Deadline.after(left_s), call, "answer")
    assert call.calls == 1
    assert time.monotonic() - began_s < 0.2


async def call(transport: GeminiTransport) -> dict[str, Any]:
    return await transport.call(MODEL, "generateContent", b"{}", Deadline.after(10))


async def stream(transport: GeminiTransport) -> list[dict[str, Any]]:
    batches = transport.stream(MODEL, b"{}", Deadline.after(10))
    return [response async for batch in batches for response in batch]


@pytest.mark.parametrize("kind", [call, stream])
@pytest.mark.parametrize("fault", [Reset(), Close(), errors.overloaded(), errors.Status(500)])
async def test_what_may_pass_is_tried_once_more(
    transport: GeminiTransport, fake_gemini: FakeGemini, kind: Any, fault: Any
) -> None:
    fake_gemini.reply(fault, Text("well"))
    began_s = time.monotonic()
    assert await kind(transport)
    assert len(fake_gemini.requests) == 2
    assert time.monotonic() - began_s < 0.7


async def test_a_short_delay_is_waited_for_and_a_long_one_passed_on(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(errors.Status(429, "no", details=({"retryDelay": "0.2s"},)), Text("well"))
    began_s = time.monotonic()
    await call(transport)
    assert time.monotonic() - began_s >= 0.2
    fake_gemini.reply(errors.rate_limited("7s"))
    with pytest.raises(RateLimited) as failure:
        await call(transport)
    assert failure.value.retry_after_s == 7
    assert len(fake_gemini.requests) == 3


@pytest.mark.parametrize("fault", [errors.Status(504), errors.Status(404), errors.rate_limited()])
async def test_what_will_not_pass_is_not_tried_again(
    transport: GeminiTransport, fake_gemini: FakeGemini, fault: Any
) -> None:
    fake_gemini.reply(fault)
    with pytest.raises(ProxyError):
        await stream(transport)
    assert len(fake_gemini.requests) == 1


async def test_a_hundred_failures_cost_two_hundred_calls_at_most(
    fake_gemini: FakeGemini,
) -> None:
    fake_gemini.reply_by(lambda _request: errors.overloaded())
    async with open_transport(fake_gemini) as transport:
        outcomes = await asyncio.gather(
            *(call(transport) for _ in range(100)), return_exceptions=True
        )
    assert {type(outcome) for outcome in outcomes} == {UpstreamOverloaded}
    assert len(fake_gemini.requests) == 200


def test_a_call_has_its_own_limit_and_that_of_the_request() -> None:
    assert time_for_call(Deadline.after(60), 5) == 5
    assert time_for_call(Deadline.after(5)) == pytest.approx(5, abs=0.5)
    with pytest.raises(UpstreamTimeout):
        time_for_call(Deadline.after(-1), 5)
