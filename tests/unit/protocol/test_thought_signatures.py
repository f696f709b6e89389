"""Thought signatures in the form they travel in."""

from typing import Any

import pytest

from proxy.protocol.thought_signatures import given_signature, signed


def test_what_is_written_is_read() -> None:
    assert given_signature(signed("c2ln")["extra_content"]) == "c2ln"
    assert signed(None) == {}


@pytest.mark.parametrize("signature", ["c2ln", "Es8F_-w=", "a+/b=="])
def test_a_clients_signature_is_taken_in_either_alphabet(signature: str) -> None:
    assert given_signature({"google": {"thought_signature": signature}}) == signature


@pytest.mark.parametrize(
    "extra_content",
    [
        None,
        {},
        "words",
        {"google": None},
        {"google": "c2ln"},
        {"google": {}},
        {"google": {"thought_signature": 5}},
        {"google": {"thought_signature": ""}},
        {"google": {"thought_signature": "not base64!"}},
        {"google": {"thought_signature": "x" * 65_537}},
        {"other": {"thought_signature": "c2ln"}},
    ],
)
def test_what_cannot_be_a_signature_counts_as_none(extra_content: Any) -> None:
    """Upstream it would be a 400; without it the cache or the skip value helps."""
    assert given_signature(extra_content) is None
