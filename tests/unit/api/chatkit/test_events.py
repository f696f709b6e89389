"""Failures as events: what is said, and whether asking again makes sense."""

import pytest

from proxy.api.chatkit.events import error, may_work_later
from proxy.errors import (
    InternalError,
    InvalidRequest,
    ProxyError,
    RateLimited,
    UpstreamOverloaded,
    UpstreamTimeout,
)
from tests.support.chatkit_client import EVENT, strictly


@pytest.mark.parametrize(
    ("failure", "may"),
    [
        (InvalidRequest("x"), False),
        (RateLimited("x"), False),
        (RateLimited("x", retry_after_s=3), True),
        (UpstreamOverloaded("x"), True),
        (UpstreamTimeout("x"), True),
    ],
)
def test_what_may_pass_can_be_asked_again(failure: ProxyError, may: bool) -> None:  # noqa: FBT001
    assert may_work_later(failure) is may


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (36_000, "10 h")]
)
def test_it_says_when_to_come_back(seconds: float, words: str) -> None:
    event = error(RateLimited("Too many.", retry_after_s=seconds), may_retry=True)
    strictly(EVENT, event)
    assert event["message"] == f"Too many. Try again in {words}."


def test_a_defect_of_ours_is_told_in_chatkits_own_words() -> None:
    event = error(InternalError("secret"), may_retry=True)
    strictly(EVENT, event)
    assert event == {"type": "error", "code": "stream.error", "allow_retry": True}
