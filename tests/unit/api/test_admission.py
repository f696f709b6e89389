"""Places for answers are given back however an answer ends."""

import contextlib

import pytest

from proxy.api.admission import Admitted
from proxy.errors import UpstreamOverloaded
from proxy.state import Admission


def test_above_the_limit_it_is_a_503_that_says_when_to_come_back() -> None:
    places = Admission(limit=2)
    with Admitted(places), Admitted(places):
        with pytest.raises(UpstreamOverloaded) as refused, Admitted(places):
            pass
        assert refused.value.code == "overloaded"
        assert refused.value.retry_after_s
        assert places.open == 2
    assert places.open == 0


def test_a_failed_answer_gives_its_place_back() -> None:
    places = Admission(limit=1)
    with contextlib.suppress(ZeroDivisionError), Admitted(places):
        raise ZeroDivisionError
    with Admitted(places):
        assert places.open == 1
