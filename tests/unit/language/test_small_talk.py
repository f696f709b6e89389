"""A greeting is told from a question."""

import pytest

from proxy.language.small_talk import small_talk_in


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Hi!", "greeting"),
        ("  good   morning everyone ", "greeting"),
        ("السلام علیکم", "greeting"),
        ("How are you?", "greeting"),
        ("OK, thanks a lot!", "thanks"),
        ("Good night.", "farewell"),
        ("hi, how do I start the pump?", None),
        ("thanks to whom was it found?", None),
        ("help", None),
        ("", None),
        ("hi " * 100, None),
    ],
)
def test_small_talk_is_nothing_but_that(message: str, kind: str | None) -> None:
    assert small_talk_in(message) == kind
