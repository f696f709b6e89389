"""Contraries, and things that have changed places."""

import pytest

from proxy.rag.verification.contrast import exchanges_roles, says_opposite
from proxy.rag.verification.evidence import Comparison, evidence_of
from proxy.rag.verification.facts import facts_of
from tests.support.builders import make_chunk


def compared(said: str, passage: str) -> Comparison:
    return Comparison(facts_of(said), [evidence_of(make_chunk(passage, heading_path=("Pump",)))])


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("The client sends the request first.", "The server sends the request first."),
        ("Drivers must wear gloves.", "Drivers may wear gloves."),
        ("All pumps have a valve.", "Some pumps have a valve."),
        ("The valve usually leaks.", "The valve rarely leaks."),
        ("The valve is not shallow at all.", "The valve is not deep at all."),
        ("The third valve leaks.", "The second valve leaks."),
    ],
)
def test_the_contrary_of_a_word_is_told(said: str, passage: str) -> None:
    assert says_opposite(compared(said, passage))


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("Before you start, close the valve.", "Start after the valve was closed by hand."),
        ("The valve is not open.", "The valve is closed."),
        ("Not every pump has a valve.", "Some pumps have no valve."),
        ("Clients and servers share a key.", "The server shares a key with its clients."),
        ("The pump is small.", "The valve of this engine is large."),
    ],
)
def test_what_is_not_its_contrary_is_not(said: str, passage: str) -> None:
    assert not says_opposite(compared(said, passage))


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        (
            "The pump follows the valve, not the motor.",
            "The pump follows the motor rather than the valve.",
        ),
        (
            "It works with the brass lever instead of the steel key.",
            "It works with the steel key and not with the brass lever.",
        ),
        (
            "The old pump replaces the new motor in winter.",
            "The new motor replaces the old pump in winter.",
        ),
        ("The lid is red, and the lever is blue.", "The lid is blue, and the lever is red."),
        (
            "Water flows from the tank into the brass pipe.",
            "Water flows from the brass pipe into the tank.",
        ),
    ],
)
def test_what_has_changed_places_is_told(said: str, passage: str) -> None:
    assert exchanges_roles(compared(said, passage))


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        (
            "The new motor is replaced by the old pump in winter.",
            "The old pump replaces the new motor in winter.",
        ),
        ("The motor, not the valve, is followed.", "It follows the motor rather than the valve."),
        ("The lever is blue, and the lid is red.", "The lid is red, and the lever is blue."),
        ("The brass lever has the same thread as the lid.", "The lid has the same thread as it."),
        ("Whales sing.", "The pump starts."),
        (
            "The server sends the token to the client.",
            "The server sends the token to the client that sends the server its token.",
        ),
    ],
)
def test_the_same_in_another_order_is_not(said: str, passage: str) -> None:
    assert not exchanges_roles(compared(said, passage))
