"""An anonymous id is known again, and cannot be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import InvalidApiKey
from proxy.identity.anonymous import AnonymousIds

IDS = AnonymousIds(b"one secret of thirty-two bytes ..")


def test_an_id_is_the_same_reader_every_time() -> None:
    caller, signed = IDS.issue()
    assert IDS.read(signed) == caller
    assert caller.is_anonymous
    assert caller.role == "reader"
    assert IDS.issue()[0] != caller


@given(st.text(max_size=200))
def test_nothing_made_up_is_anybody(text: str) -> None:
    with pytest.raises(InvalidApiKey):
        IDS.read(text)


def test_an_id_of_another_server_or_with_a_changed_letter_is_nobodys() -> None:
    _, signed = IDS.issue()
    other = "0" if signed[5] != "0" else "1"
    for wrong in (
        AnonymousIds(b"another secret").issue()[1],
        signed[:5] + other + signed[6:],
        signed[:-1],
        signed + "x" * 200,
    ):
        with pytest.raises(InvalidApiKey) as refused:
            IDS.read(wrong)
        assert refused.value.code == "invalid_anonymous_id"
