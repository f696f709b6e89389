"""Markers in text that comes in pieces: wherever it is cut, the same text and the same markers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.rag.markers import Marker, MarkerScanner
from tests.support.chat_events import cut

PASSAGES = 3


def scanned(*pieces: str, passages: int = PASSAGES) -> tuple[str, list[Marker]]:
    scanner = MarkerScanner(passages)
    text = "".join([*map(scanner.feed, pieces), scanner.finish()])
    return text, scanner.markers


def pieces_of(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def numbers(*pieces: str) -> list[int]:
    return [marker.number for marker in scanned(*pieces)[1]]


@pytest.mark.parametrize(
    ("text", "written", "markers"),
    [
        ("It is so. [1]", "It is so. [1]", [1]),
        ("[2]", "[2]", [2]),
        ("a[1][3]", "a[1][3]", [1, 3]),
        ("a [1] b [2].", "a [1] b [2].", [1, 2]),
        ("a [1, 3] b", "a [1][3] b", [1, 3]),
        ("a [1,2;3] b", "a [1][2][3] b", [1, 2, 3]),
        ("a [ 1 ] b", "a [1] b", [1]),
        ("a [01] b", "a [1] b", [1]),
        ("a [1] [1]", "a [1] [1]", [1, 1]),
        ("a [3]\n[1]\n", "a [3]\n[1]\n", [3, 1]),
        # Numbers without a passage go, with the space before them.
        ("a [4].", "a.", []),
        ("a [4] b", "a b", []),
        ("a [1, 4] b", "a [1] b", [1]),
        ("a [4, 5] b", "a b", []),
        ("a [0] b [999] c", "a b c", []),
        ("a [4] [1] b [5]", "a [1] b", [1]),
        ("[4]", "", []),
        ("a  [4] b", "a  b", []),
        # What only looks like a marker.
        ("a [x] [1a] [] [1", "a [x] [1a] [] [1", []),
        ("[1234] [-1] [1.5]", "[1234] [-1] [1.5]", []),
        ("[1](https://x.example)", "[1](https://x.example)", []),
        ("see [9](https://x.example) [1]", "see [9](https://x.example) [1]", [1]),
        ("[text](x)[2]", "[text](x)[2]", [2]),
        ("[[1]]", "[[1]]", [1]),
        # Code.
        ("`a[1]` [1]", "`a[1]` [1]", [1]),
        ("`a [9]`", "`a [9]`", []),
        ("``a` [9]`` [9] [2]", "``a` [9]`` [2]", [2]),
        ("```py\na[9] = b [1]\n```\nso [2]", "```py\na[9] = b [1]\n```\nso [2]", [2]),
        ("```\n`x`\n[9]\n````\n[1]", "```\n`x`\n[9]\n````\n[1]", [1]),
        ("a ` b [9]\nc [9] d [1]", "a ` b\nc d [1]", [1]),  # a backtick that nothing closes
        ("```\n[9]", "```\n[9]", []),
        ("`x` `y[1]` [1]", "`x` `y[1]` [1]", [1]),
        # Indented code follows a blank line, outside of lists.
        (
            "So:\n\n    a[9] = b [1]\n    c [2]\n\nso [2]",
            "So:\n\n    a[9] = b [1]\n    c [2]\n\nso [2]",
            [2],
        ),
        ("\t[9]\n\n\n\tx [9]\nd [9] [1]", "\t[9]\n\n\n\tx [9]\nd [1]", [1]),
        ("  \t[9]", "  \t[9]", []),
        ("So\n    it is [9] [1]", "So\n    it is [1]", [1]),
        ("- so\n\n    it is [9] [1]", "- so\n\n    it is [1]", [1]),
        ("1. so\n   and\n\n    it is [9] [1]", "1. so\n   and\n\n    it is [1]", [1]),
        ("- so\n\nSo:\n\n    x[9]", "- so\n\nSo:\n\n    x[9]", []),
        ("> so\n\n    it [9] [1]", "> so\n\n    it [1]", [1]),
        ("a\n\n   it [9] [1]", "a\n\n   it [1]", [1]),
        # Text that means nothing here.
        ("", "", []),
        (" ", " ", []),
        ("a b  ", "a b  ", []),
        ("a\u2028[1] 😀 [2]", "a\u2028[1] 😀 [2]", [1, 2]),
    ],
)
def test_markers_are_found_and_checked(text: str, written: str, markers: list[int]) -> None:
    assert scanned(text)[0] == written
    assert numbers(text) == markers
    # The hardest way to be cut.
    assert scanned(*text) == scanned(text)


def test_places_are_counted_in_code_points() -> None:
    _, markers = scanned("😀 é [1] x[2, 3] [4] y[1]")
    assert markers == [Marker(1, 4, 7), Marker(2, 9, 12), Marker(3, 12, 15), Marker(1, 17, 20)]


def test_without_passages_every_number_goes() -> None:
    assert scanned("So it is [1], says [2, 3].", passages=0) == ("So it is, says.", [])


_PIECES = [
    "[",
    "]",
    "1",
    "2",
    "3",
    "9",
    ",",
    ";",
    "(",
    ")",
    "`",
    "``",
    "```",
    "word",
    "é",
    "[1]",
    "[1](x)",
    "😀",
    "a[1]",
    "²",
]
_SPACED = [
    " ",
    "\n\n    ",
    "- ",
    "a",
    "  ",
    "\n",
    "\t",
    "\u2028",
    " [2]",
    "[1, 3]",
    " [9]",
    "[" + " " * 200,
]
WORDS = st.sampled_from([*_PIECES, *_SPACED])
MARKED_TEXT = st.lists(WORDS, max_size=30).map("".join)


def test_a_line_separator_is_text_and_no_white_space() -> None:
    text = "\u20281\n\n    [1]"
    assert scanned(text) == scanned("\u2028", text[1:]) == (text, [])


@given(st.data(), MARKED_TEXT)
def test_however_the_text_is_cut_the_outcome_is_the_same(data: st.DataObject, text: str) -> None:
    assert scanned(*data.draw(cut(text))) == scanned(text)


@given(MARKED_TEXT, st.integers(0, 4))
def test_every_marker_is_where_it_says_and_has_a_passage(text: str, passages: int) -> None:
    written, markers = scanned(text, passages=passages)
    for marker in markers:
        assert written[marker.start : marker.end] == f"[{marker.number}]"
        assert 1 <= marker.number <= passages
    assert markers == sorted(markers, key=lambda marker: marker.start)


@given(st.text())
def test_text_without_brackets_is_left_alone(text: str) -> None:
    plain = text.replace("[", "(")
    assert scanned(plain) == (plain, [])


def test_no_more_is_held_back_than_might_become_a_marker() -> None:
    scanner = MarkerScanner(PASSAGES)
    assert scanner.feed("word") == "word"
    assert scanner.feed(" and [1") == " and"
    assert scanner.feed("2") == ""
    assert scanner.feed("] no") == " no"
    assert scanner.feed(" ") == ""
    assert scanner.feed(" " * 5_000) == " " * 5_000
    assert scanner.feed("`" * 5_000) == " " + "`" * 5_000
    assert scanner.feed("\n\nx `y") == "\n\nx "
    assert scanner.feed("z` a") == "`yz` a"
    assert scanner.feed("`" + "code" * 1_000) == "`" + "code" * 1_000
    assert MarkerScanner(1).feed("[" + "1 " * 100) == "[" + "1 " * 99 + "1"


def test_an_endless_run_of_spaces_costs_no_more_than_its_length() -> None:
    scanner = MarkerScanner(PASSAGES)
    pieces = [scanner.feed(" " * 100) for _ in range(2_000)]
    assert sum(map(len, pieces)) == 200_000 - 1
    assert scanner.finish() == " "


@pytest.mark.parametrize("width", [1, 3, 200])
def test_code_in_a_quotation_is_code_until_the_quotation_ends(width: int) -> None:
    code = "> ```python\n> x = a[7]\n> ```\n"
    assert scanned(*pieces_of(f"{code}\nSo [7] [1].", width))[0] == f"{code}\nSo [1]."
    unclosed = "> ```\n> x = a[7]\n"
    assert scanned(*pieces_of(f"{unclosed}So [7] [1].", width))[0] == f"{unclosed}So [1]."
