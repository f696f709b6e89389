"""Numbers, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.language.numbers import may_hold_number, numbers_in


def readings(text: str) -> list[set[str]]:
    return [set(number.readings) for number in numbers_in(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,500 chunks", "1500 chunks"),
        ("1 500 chunks", "1.500,0 oder 1500 chunks"),
        ("three minutes", "3 minutes"),
        ("forty-two", "42"),
        ("two hundred", "200"),
        ("5 million", "5,000,000"),
        ("10k requests", "10,000 requests"),
        ("twice", "2"),
        ("0.30", "0.3"),
        ("8.0", "8"),
        ("007", "7"),
        ("۴۲", "42"),
        ("0,55", "0.55"),
        ("−1", "-1"),
        ("127.0.0.1,", "127.0.0.1"),
    ],
)
def test_one_number_in_two_forms(one: str, other: str) -> None:
    (found,) = readings(one)
    assert any(found & each for each in readings(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("3.1", "3.10"), ("0.55", "0.40"), ("-1", "1"), ("1,500", "15,000")],
)
def test_two_numbers(one: str, other: str) -> None:
    (found,), (second,) = readings(one), readings(other)
    assert not found & second


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("30 seconds", "second"),
        ("30s", "second"),
        ("30 s", "second"),
        ("2.5 kB", "kilobyte"),
        ("five minutes", "minute"),
        ("5 %", "percent"),
        ("20 apples", None),
        ("20", None),
    ],
)
def test_units(text: str, unit: str | None) -> None:
    assert [number.unit for number in numbers_in(text)] == [unit]


@pytest.mark.parametrize(
    "text",
    [
        "gpt-4o",
        "books__384",
        "v2",
        "sha256",
        "`all-minilm-l6-v2`",
        "/v1/models",
        "someone",
        "x1",
        "-",
    ],
)
def test_digits_of_names_are_no_numbers(text: str) -> None:
    assert readings(text) == []


def test_written_out_is_known() -> None:
    assert [number.is_word for number in numbers_in("one of 2")] == [True, False]


pieces = st.sampled_from(["seven", "teen", "Seventeen", "one", "ten", "3", "۴", "-", " ", "x", "_"])


@given(st.lists(pieces, max_size=6).map("".join))
def test_a_text_with_a_number_may_hold_one(text: str) -> None:
    assert may_hold_number(text) or not numbers_in(text)


@pytest.mark.parametrize("word", ["money", "often", "tension", "someone", "valve"])
def test_a_word_that_merely_contains_one_holds_none(word: str) -> None:
    assert not may_hold_number(word)


@pytest.mark.parametrize("text", ["1" * 5_000, f"{'1' * 5_000} million", f"{'9' * 5_000}k"])
def test_a_number_may_have_any_length(text: str) -> None:
    assert len(numbers_in(text)) == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4:1", [{"4"}, {"1"}]),
        ("10:45", [{"10"}, {"45"}]),
        ("Listing 19-5", [{"19"}, {"5"}]),
        ("10–20 Hz", [{"10"}, {"20"}]),
        ("32-bit", [{"32"}]),
        ("2.7 km/h", [{"2.7"}]),
    ],
)
def test_what_is_joined_by_a_mark_is_two_numbers(text: str, numbers: list[set[str]]) -> None:
    assert readings(text) == numbers
