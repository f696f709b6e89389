"""The reader's own words and the form of its quotes."""

from dataclasses import replace

import pytest

from proxy.adapters.local.units import Unit, UnitKind, units_of
from proxy.adapters.local.wording import (
    FAREWELL,
    GREETING,
    INTRODUCTION,
    NOT_ASKED,
    NOT_FOUND,
    WELCOME,
    quote,
    small_talk,
)


def unit(kind: UnitKind, text: str, passage: int = 0) -> Unit:
    return Unit(kind, text, passage=passage, position=0, context="")


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("Hello!", GREETING),
        ("السلام علیکم", GREETING),
        ("OK, thanks a lot.", WELCOME),
        ("Who are you?", INTRODUCTION),
        ("What’s your name", INTRODUCTION),
        ("bye", FAREWELL),
        ("Hello, how do I install it?", None),
        ("", None),
    ],
)
def test_small_talk_is_told_from_questions(message: str, reply: str | None) -> None:
    assert small_talk(message) == reply


def test_the_way_to_gemini_is_named() -> None:
    assert "GEMINI_API_KEY" in INTRODUCTION
    assert "GEMINI_API_KEY" in NOT_ASKED


def test_its_own_words_cite_nothing() -> None:
    assert not any("[" in text for text in (GREETING, WELCOME, INTRODUCTION, NOT_ASKED, NOT_FOUND))


def test_every_quote_is_followed_by_its_number() -> None:
    units = [
        unit("sentence", "Choose:", 1),
        unit("item", "a", 1),
        unit("row", "b — 1", 1),
        unit("sentence", "So.", 1),
        unit("sentence", "Then.", 1),
        unit("code", "```\nx\n```", 0),
    ]
    assert quote(units) == (
        "Choose: [2]\n\n- a [2]\n- b — 1 [2]\n\nSo. [2] Then. [2]\n\n```\nx\n```\n\n[1]"
    )


def test_nothing_to_quote_is_no_text() -> None:
    assert quote([]) == ""


def test_steps_keep_their_numbers() -> None:
    units = units_of("Do:\n\n3. Open. Wait.\n4. Go:\n   - left\n", passage=0, heading="")
    assert quote(units) == ("Do: [1]\n\n3. Open. [1] Wait. [1]\n4. Go: [1]\n    - left [1]")


def test_left_out_steps_are_marked() -> None:
    first, _, third, _ = units_of("1. a\n2. b\n3. c\n4. d\n", passage=0, heading="")
    kept = [replace(unit, is_cut=True) for unit in (first, third)]
    assert quote(kept) == "1. a [1]\n\n…\n\n3. c [1]\n\n…"
