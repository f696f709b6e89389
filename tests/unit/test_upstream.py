"""An upstream is asked twice at most, within a budget, and not at all while it keeps failing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from proxy.adapters.gemini.transport import GeminiTransport
from proxy.circuit import LEAST_CALLS
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
    CIRCUIT_OPEN,
    LONGEST_RETRY_INFO_S,
    MOST_RETRIES_AT_ONCE,
    is_worth_retrying,
    time_for_call,
)
from proxy.telemetry.metrics import CIRCUIT_REFUSALS, CIRCUITS_OPENED, UPSTREAM_ERRORS
from proxy.upstream import Upstream
from tests.support import gemini_errors as errors
from tests.support.gemini_client import MODEL, open_transport
from tests.support.gemini_replies import Close, Reset, Text
from tests.support.gemini_server import FakeGemini
from tests.support.waiting import ample_time


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


async def ask(deadline: Deadline, call: Flaky, answer: str, *, mark: str = "") -> str:
    """Ask an upstream that nobody has asked before."""
    return await Upstream("new").ask("model", "chat", deadline, call, answer, mark=mark)


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
        await ask(ample_time(), call, "answer")
    assert call.calls == 1


async def test_what_succeeds_is_called_once() -> None:
    call = Flaky()
    assert await ask(ample_time(), call, "answer", mark="!") == "answer!"
    assert call.calls == 1


@pytest.mark.virtual_time
async def test_a_second_call_gets_the_same_arguments() -> None:
    call = Flaky(UpstreamOverloaded(""))
    assert await ask(ample_time(), call, "answer", mark="!") == "answer!"
    assert call.calls == 2


@pytest.mark.virtual_time
async def test_there_is_no_third_and_the_last_failure_counts() -> None:
    call = Flaky(UpstreamOverloaded("first"), UpstreamFailed("second"), UpstreamFailed("third"))
    with pytest.raises(UpstreamFailed, match="second"):
        await ask(ample_time(), call, "answer")
    assert call.calls == 2


@pytest.mark.virtual_time
async def test_the_upstreams_own_delay_is_waited_for() -> None:
    await ask(ample_time(), Flaky(RateLimited("", retry_after_s=1.5)), "answer")
    assert asyncio.get_running_loop().time() == pytest.approx(1.5)


@pytest.mark.virtual_time
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
    with pytest.raises(type(failure)):
        await ask(Deadline.after(left_s), call, "answer")
    assert call.calls == 1
    assert asyncio.get_running_loop().time() == 0


async def call(transport: GeminiTransport) -> dict[str, Any]:
    return await transport.call(MODEL, "generateContent", b"{}", ample_time())


async def stream(transport: GeminiTransport) -> list[dict[str, Any]]:
    batches = transport.stream(MODEL, b"{}", ample_time())
    return [response async for batch in batches for response in batch]


@pytest.mark.virtual_time
@pytest.mark.parametrize("kind", [call, stream])
@pytest.mark.parametrize("fault", [Reset(), Close(), errors.overloaded(), errors.Status(500)])
async def test_what_may_pass_is_tried_once_more(
    transport: GeminiTransport, fake_gemini: FakeGemini, kind: Any, fault: Any
) -> None:
    fake_gemini.reply(fault, Text("well"))
    assert await kind(transport)
    assert len(fake_gemini.requests) == 2
    assert asyncio.get_running_loop().time() < 0.5


@pytest.mark.virtual_time
async def test_a_short_delay_is_waited_for_and_a_long_one_passed_on(
    transport: GeminiTransport, fake_gemini: FakeGemini
) -> None:
    fake_gemini.reply(errors.Status(429, "no", details=({"retryDelay": "0.2s"},)), Text("well"))
    await call(transport)
    assert 0.2 <= asyncio.get_running_loop().time() < 0.3
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


async def test_a_hundred_failures_cost_a_hundred_and_ten_calls_at_most(
    fake_gemini: FakeGemini,
) -> None:
    fake_gemini.reply_by(lambda _request: errors.overloaded())
    async with open_transport(fake_gemini) as transport:
        outcomes = await asyncio.gather(
            *(call(transport) for _ in range(100)), return_exceptions=True
        )
    assert {type(outcome) for outcome in outcomes} == {UpstreamOverloaded}
    assert len(fake_gemini.requests) <= 110


def test_a_call_has_its_own_limit_and_that_of_the_request() -> None:
    assert time_for_call(Deadline.after(600), 5) == 5
    assert 4_900 < time_for_call(Deadline.after(5_000)) <= 5_000
    with pytest.raises(UpstreamTimeout):
        time_for_call(Deadline.after(-1), 5)


class Clock:
    """Says what time it is when told."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


async def fails(failure: ProxyError) -> str:
    raise failure


async def answers() -> str:
    return "well"


async def open_circuit(upstream: Upstream, model: str = "model") -> None:
    for _ in range(LEAST_CALLS):
        with pytest.raises(UpstreamOverloaded):
            await upstream.ask_once(model, "chat", fails, UpstreamOverloaded(""))
    assert [(name, one.state) for name, one in upstream.circuits()] == [(model, "open")]


@pytest.mark.virtual_time
async def test_retries_have_a_budget_and_the_client_hears_when_it_is_used_up() -> None:
    clock = Clock()
    upstream = Upstream("u", clock)
    asked = 0

    async def broken() -> str:
        nonlocal asked
        asked += 1
        raise UpstreamUnreachable("")

    seen: list[bool | None] = []
    for number in range(15):
        with pytest.raises(UpstreamUnreachable) as failure:
            await upstream.ask(f"model-{number}", "chat", ample_time(), broken)
        seen.append(failure.value.should_retry)
    assert asked == 15 + MOST_RETRIES_AT_ONCE
    assert seen == [None] * 10 + [False] * 5


async def test_an_upstream_that_keeps_failing_is_left_alone_and_tried_with_one_call() -> None:
    clock = Clock()
    upstream = Upstream("failing", clock)
    await open_circuit(upstream)
    assert CIRCUITS_OPENED.value("failing", "model") == 1
    assert UPSTREAM_ERRORS.value("failing", "upstream_overloaded") == LEAST_CALLS
    with pytest.raises(UpstreamOverloaded) as refusal:
        await upstream.ask("model", "chat", ample_time(), answers)
    assert refusal.value.code == CIRCUIT_OPEN
    assert 0 < (refusal.value.retry_after_s or 0) <= 6
    assert CIRCUIT_REFUSALS.value("failing") == 1
    assert await upstream.ask_once("another", "chat", answers) == "well"
    clock.now_s += 7
    gate, has_begun = asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        has_begun.set()
        await gate.wait()
        return "well"

    trying = asyncio.create_task(upstream.ask_once("model", "chat", slowly))
    await has_begun.wait()
    with pytest.raises(UpstreamOverloaded):
        await upstream.ask_once("model", "chat", answers)
    gate.set()
    assert await trying == "well"
    assert list(upstream.circuits()) == []
    assert await upstream.ask_once("model", "chat", answers) == "well"


async def test_a_client_that_goes_away_decides_nothing() -> None:
    clock = Clock()
    upstream = Upstream("u", clock)
    await open_circuit(upstream)
    clock.now_s += 7
    never, has_begun = asyncio.Event(), asyncio.Event()

    async def hangs() -> bool:
        has_begun.set()
        return await never.wait()

    trying = asyncio.create_task(upstream.ask_once("model", "chat", hangs))
    await has_begun.wait()
    trying.cancel()
    await asyncio.wait([trying])
    assert await upstream.ask_once("model", "chat", answers) == "well"


@pytest.mark.parametrize(
    "failure", [InvalidRequest(""), ModelNotFound(""), RateLimited(""), UpstreamAuthError("")]
)
async def test_what_is_not_the_upstreams_fault_opens_nothing(failure: ProxyError) -> None:
    upstream = Upstream("u")
    for _ in range(3 * LEAST_CALLS):
        with pytest.raises(type(failure)):
            await upstream.ask_once("model", "chat", fails, failure)
    assert await upstream.ask_once("model", "chat", answers) == "well"


async def test_made_up_names_of_models_fill_no_memory() -> None:
    clock = Clock()
    upstream = Upstream("u", clock)
    for number in range(1_000):
        with pytest.raises(UpstreamFailed):
            await upstream.ask_once(f"model-{number}", "chat", fails, UpstreamFailed(""))
    assert len(list(upstream.circuits())) <= 1  # of all those that have no place of their own
    clock.now_s += 60
    assert await upstream.ask_once("model-1", "chat", answers) == "well"


async def test_where_the_operator_wants_none_there_is_no_circuit() -> None:
    upstream = Upstream("u", least_calls=0)
    for _ in range(3 * LEAST_CALLS):
        with pytest.raises(UpstreamFailed):
            await upstream.ask_once("model", "chat", fails, UpstreamFailed(""))
    assert await upstream.ask_once("model", "chat", answers) == "well"
