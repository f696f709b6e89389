"""Keys prove themselves by a secret that is nowhere stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proxy.caller import Allowance
from proxy.errors import InvalidApiKey
from proxy.identity.api_keys import caller_of_key, key_id_of, new_key

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_key_is_its_caller_with_all_its_bounds() -> None:
    key, text = new_key("n", role="author", books=["b"], allowance=Allowance(1, 2, 3))
    caller = caller_of_key(key, text, NOW)
    assert (caller.caller_id, caller.role) == (f"key:{key.key_id}", "author")
    assert (caller.books, caller.allowance) == (frozenset({"b"}), Allowance(1, 2, 3))


def test_the_secret_is_not_in_what_is_stored() -> None:
    key, text = new_key("n")
    assert text.rpartition(key.key_id)[2].lstrip("_") not in repr(key)
    assert len(key.digest) == 32


def test_two_keys_are_never_alike() -> None:
    assert len({new_key("n")[1] for _ in range(100)}) == 100


def test_a_key_that_has_ended_is_refused_and_says_so() -> None:
    key, text = new_key("n", expires=NOW)
    for ended, code in (
        (key, "api_key_expired"),
        (replace(key, revoked=NOW - timedelta(days=1)), "api_key_revoked"),
    ):
        with pytest.raises(InvalidApiKey) as refused:
            caller_of_key(ended, text, NOW)
        assert refused.value.code == code
    assert caller_of_key(key, text, NOW - timedelta(seconds=1))


def test_a_wrong_secret_says_nothing_of_the_key() -> None:
    key, text = new_key("n", expires=NOW)
    last = "A" if text[-2] != "A" else "B"
    for wrong in (text[:-2] + last + text[-1], new_key("n")[1], "", "bp_x_y"):
        with pytest.raises(InvalidApiKey, match="Unknown"):
            caller_of_key(key, wrong, NOW)
        with pytest.raises(InvalidApiKey, match="Unknown"):
            caller_of_key(None, wrong, NOW)


@pytest.mark.parametrize(
    "text", ["", "bp_", "sk-abc", "bp_0123456789abcdef_short", "BP_0123456789abcdef_" + "x" * 43]
)
def test_what_has_not_a_keys_form_has_no_id(text: str) -> None:
    assert key_id_of(text) is None


def test_a_keys_id_is_in_its_text() -> None:
    key, text = new_key("n")
    assert key_id_of(text) == key.key_id
