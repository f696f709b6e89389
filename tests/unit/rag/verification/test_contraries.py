"""Contraries of what a passage says."""

import pytest

from proxy.rag.verification.contraries import says_contrary
from proxy.rag.verification.evidence import Comparison, evidence_of
from proxy.rag.verification.facts import facts_of
from proxy.rag.verification.surroundings import Surroundings
from tests.support.builders import make_chunk


def contrary(said: str, passage: str) -> bool:
    chunk = make_chunk(passage, heading_path=("Pump",))
    compared = Comparison(facts_of(said), [evidence_of(chunk)])
    return says_contrary(compared, Surroundings(compared))


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
    assert contrary(said, passage)


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
    assert not contrary(said, passage)
