"""What is said in many words."""

import pytest

from proxy.language.phrases import simply_said


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("It never exceeds 8 kB.", "It within 8 kB."),
        ("It got no further than five.", "It got within five."),
        ("Nothing but water.", "only water."),
        ("It leaves out the lid.", "It omit  the lid."),
        ("Keep the old lid out of it.", "omit the old lid  of it."),
        ("That keeps it from using oil.", "That omit it  using oil."),
        ("It gets rid of water.", "It without water."),
        ("It gets by without water.", "It without water."),
        ("It may or may not run.", "It may run."),
        ("The 2nd lid has to go.", "The second lid must go."),
        ("Leave cannot be paid out.", "Leave cannot be paid out."),
        ("The pump starts.", "The pump starts."),
    ],
)
def test_it_is_said_in_one(text: str, simple: str) -> None:
    assert simply_said(text) == simple
