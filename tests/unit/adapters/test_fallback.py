"""A second upstream answers where the first fails before it has begun, and only there."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from proxy.adapters.fallback import CURABLE, FallbackGenerator
from proxy.deadline import Deadline
from proxy.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    PayloadTooLarge,
    PermissionDenied,
    ProxyError,
    QuotaExhausted,
    RateLimited,
    UnsupportedParameter,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamInvalidResponse,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.ports import Grounding
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of
from tests.support.waiting import ample_time

REQUEST = make_chat_request("hi")
GROUNDING = Grounding("hi", ())
DEADLINE = ample_time()


@dataclass
class Scripted:
    """Says what it is told, failing where a failure stands."""

    script: list[list[ChatEvent] | BaseException]
    usable: ProxyError | None = None
    asked: list[str] = field(default_factory=list[str])
    is_closed: bool = False
    deadline: Deadline | None = None
    given_s: float = 0
    """What was left when it was asked."""

    async def stream(
        self,
        request: ChatCompletionRequest,
        *,
        model: str,
        grounding: Grounding | None,
        deadline: Deadline,
    ) -> AsyncGenerator[list[ChatEvent]]:
        """Play the script."""
        assert (request, grounding) == (REQUEST, GROUNDING)
        self.asked.append(model)
        self.deadline = deadline
        self.given_s = deadline.remaining_s()
        try:
            for item in self.script:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.is_closed = True

    async def check(self) -> None:
        """Fail if told to."""
        if self.usable:
            raise self.usable


END: list[ChatEvent] = [Finish("stop"), Usage()]


def says(text: str) -> list[list[ChatEvent] | BaseException]:
    return [[TextDelta(text)], list(END)]


def stream(first: Scripted, second: Scripted) -> AsyncGenerator[list[ChatEvent]]:
    return FallbackGenerator(first, second, "other").stream(
        REQUEST, model="one", grounding=GROUNDING, deadline=DEADLINE
    )


async def test_an_answer_of_the_first_is_passed_on_as_it_is() -> None:
    first, second = Scripted(says("a")), Scripted(says("b"))
    assert await events_of(stream(first, second)) == [TextDelta("a"), *END]
    assert (first.asked, second.asked) == (["one"], [])


async def test_the_first_has_half_of_the_time_to_begin_and_then_all_of_it() -> None:
    first, second = Scripted(says("a")), Scripted(says("b"))
    batches = stream(first, second)
    async with aclosing(batches):
        await anext(batches)
        assert first.given_s == pytest.approx(DEADLINE.remaining_s() / 2, rel=0.05)  # pyright: ignore[reportUnknownMemberType] - pytest's
        assert first.deadline == DEADLINE


async def test_the_second_has_what_is_left() -> None:
    first, second = Scripted([UpstreamTimeout("slow")]), Scripted(says("b"))
    await events_of(stream(first, second))
    assert second.deadline is DEADLINE


CURED: list[ProxyError] = [
    PermissionDenied("region"),
    QuotaExhausted("quota"),
    RateLimited("rate"),
    UpstreamAuthError("key"),
    UpstreamFailed("500"),
    UpstreamInvalidResponse("html"),
    UpstreamOverloaded("503"),
    UpstreamTimeout("slow"),
    UpstreamUnreachable("gone"),
]
NOT_CURED: list[BaseException] = [
    InvalidRequest("wrong"),
    UnsupportedParameter("n"),
    ContextLengthExceeded("long"),
    ModelNotFound("who"),
    PayloadTooLarge("big"),
    ValueError("a defect of ours"),
]


@pytest.mark.parametrize("failure", CURED, ids=repr)
async def test_what_another_upstream_can_cure_it_is_asked_for(failure: ProxyError) -> None:
    first, second = Scripted([failure]), Scripted(says("b"))
    with capture_logs() as logs:
        made = await events_of(stream(first, second))
    assert made == [AnsweredBy("other"), TextDelta("b"), *END]
    assert second.asked == ["other"]
    assert [entry["event"] for entry in logs] == ["falling_back"]
    assert logs[0]["reason"] == failure.code


def test_every_failure_of_an_upstream_is_tried() -> None:
    assert {type(failure) for failure in CURED} == {*CURABLE, QuotaExhausted}


@pytest.mark.parametrize("failure", NOT_CURED, ids=repr)
async def test_what_is_wrong_with_the_request_is_not_tried_elsewhere(
    failure: BaseException,
) -> None:
    second = Scripted(says("b"))
    with pytest.raises(type(failure)):
        await events_of(stream(Scripted([failure]), second))
    assert second.asked == []


async def test_after_the_first_event_there_is_no_other_answer() -> None:
    second = Scripted(says("b"))
    made: list[ChatEvent] = []

    async def read() -> None:
        async for batch in stream(Scripted([[TextDelta("a")], UpstreamFailed("500")]), second):
            made.extend(batch)

    with pytest.raises(UpstreamFailed):
        await read()
    assert made == [TextDelta("a")]
    assert second.asked == []


@pytest.mark.parametrize("of_second", [UpstreamAuthError("key"), InvalidRequest("no tools here")])
async def test_when_both_fail_the_first_failure_counts(of_second: ProxyError) -> None:
    failure = RateLimited("slow down", retry_after_s=7)
    with pytest.raises(RateLimited) as raised:
        await events_of(stream(Scripted([failure]), Scripted([of_second])))
    assert raised.value is failure
    assert raised.value.__cause__ is of_second


async def test_a_second_that_breaks_off_says_so_itself() -> None:
    second = Scripted([[TextDelta("b")], UpstreamTimeout("slow")])
    with pytest.raises(UpstreamTimeout):
        await events_of(stream(Scripted([UpstreamFailed("500")]), second))


@pytest.mark.parametrize("first", [Scripted(says("a")), Scripted([UpstreamFailed("500")])])
async def test_closing_closes_whoever_answers(first: Scripted) -> None:
    second = Scripted(says("b"))
    async with aclosing(stream(first, second)) as batches:
        assert await anext(batches)
    assert first.is_closed
    assert second.is_closed == bool(second.asked)


async def test_it_is_usable_while_either_is() -> None:
    broken, fine = UpstreamAuthError("key"), None
    for ones, others in ((broken, fine), (fine, broken), (fine, fine)):
        await FallbackGenerator(Scripted([], ones), Scripted([], others), "m").check()
    both = FallbackGenerator(Scripted([], broken), Scripted([], UpstreamFailed("500")), "m")
    with pytest.raises(UpstreamAuthError):
        await both.check()
