"""Laws and cases of cutting."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.blocks import close_fences
from proxy.ingest.cutter import MAX_CODE_TOKENS, CountTokens, cut
from tests.unit.ingest.test_blocks import MARKDOWN


def _words(text: str) -> int:
    return len(text.split())


def _quarters(text: str) -> int:
    return -(-len(text) // 4)


def _texts(text: str, count: CountTokens, *, target: int, maximum: int) -> list[str]:
    return [piece.text for piece in cut(text, count, target=target, maximum=maximum)]


def _cut(text: str, *, target: int = 20, maximum: int = 25) -> list[str]:
    return _texts(text, _words, target=target, maximum=maximum)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


_PROSE = st.lists(
    st.sampled_from(
        [
            *(
                "Some words here. ",
                "End!\n",
                "\n\n",
                "- item of a list\n",
                "  - nested\n",
                "1. one\n",
            ),
            *(
                "> quote\n",
                "**lead**\n\n",
                "as follows:\n\n",
                "é。字字字",
                "x" * 90,
                "lazy\n",
                "\t",
            ),
        ]
    ),
    max_size=60,
).map("".join)


@given(_PROSE, st.integers(5, 40), st.integers(0, 20))
def test_prose_comes_out_once_in_order_and_bounded(text: str, target: int, more: int) -> None:
    for count in (_words, _quarters):
        pieces = _texts(text, count, target=target, maximum=target + more)
        assert _squeezed("".join(pieces)) == _squeezed(text)
        assert all(count(piece) <= target + more for piece in pieces)
        assert all(piece.strip() for piece in pieces)


@given(MARKDOWN)
def test_fences_are_balanced_in_every_piece(text: str) -> None:
    for piece in _cut(text):
        assert close_fences(piece).rstrip() == piece


@given(st.lists(st.text(alphabet="ab \t`~-|", max_size=30), max_size=400), st.integers(5, 50))
def test_lines_of_code_come_out_once_and_in_order(lines: list[str], maximum: int) -> None:
    code = "".join(f"{line}\n" for line in lines)
    text = f"Intro:\n\n`````js\n{code}`````\n\nEnd."
    pieces = _texts(text, _quarters, target=maximum, maximum=maximum)
    inner = re.findall(r"^`````js\n(.*?)^`````$", "\n".join(pieces), re.DOTALL | re.MULTILINE)
    assert "".join(inner) == code
    assert all(_quarters(piece) <= MAX_CODE_TOKENS + 40 for piece in pieces)


@given(st.lists(st.sampled_from(["| a | b |", "| c | d e f |"]), min_size=1, max_size=60))
def test_rows_of_a_table_come_out_once_below_its_head(rows: list[str]) -> None:
    head = ["| h | i |", "| - | - |"]
    pieces = _cut("\n".join(head + rows))
    assert all(piece.split("\n")[:2] == head for piece in pieces)
    assert [row for piece in pieces for row in piece.split("\n")[2:]] == rows
    assert all(_words(piece) <= 25 for piece in pieces)


_TABLE = st.tuples(
    st.sampled_from(["| h |\n|---|\n", f"| {'h ' * 20}|\n|---|\n"]),
    st.lists(
        st.sampled_from(["| a | b |\n", "| c | d e f |\n", f"| {'long ' * 30}|\n"]), max_size=20
    ).map("".join),
).map("".join)
_LISTING = st.tuples(
    st.sampled_from(["```", "~~~~", "> ```", "- ```"]),
    st.sampled_from(["\n", "js\n", f"{'x ' * 40}\n"]),
    st.lists(
        st.sampled_from(["a b\n", "\n", "  c d e f\n", "> g\n", "x" * 9_000]), max_size=60
    ).map("".join),
    st.sampled_from(["```\n", "~~~~\n", "> ```\n", "", "\n\n"]),
).map("".join)
_ANYTHING = st.lists(st.one_of(MARKDOWN, _PROSE, _TABLE, _LISTING), max_size=6).map("".join)


@given(_ANYTHING, st.integers(5, 40))
def test_places_cover_all_that_is_written_once_and_in_order(text: str, target: int) -> None:
    pieces = cut(text, _words, target=target, maximum=target + 5)
    ends = [0, *(piece.end for piece in pieces)]
    starts = [*(piece.start for piece in pieces), len(text)]
    assert all(end <= start for end, start in zip(ends, starts, strict=True))
    assert not "".join(text[a:b] for a, b in zip(ends, starts, strict=True)).strip()


@given(_ANYTHING, st.integers(5, 40))
def test_a_piece_holds_what_stands_at_its_place(text: str, target: int) -> None:
    for piece in cut(text, _words, target=target, maximum=target + 5):
        lines = iter(piece.text.split("\n"))
        for line in text[piece.start : piece.end].split("\n"):
            assert any(line.strip() in one for one in lines), (line, piece)


@given(_PROSE, st.integers(5, 40))
def test_a_piece_of_prose_is_what_stands_at_its_place(text: str, target: int) -> None:
    for piece in cut(text, _words, target=target, maximum=target + 5):
        assert piece.text == text[piece.start : piece.end]


@pytest.mark.parametrize("maximum", [10, 60])
def test_a_head_above_long_rows_only_is_kept(maximum: int) -> None:
    pieces = _cut(f"| {'head ' * 8}|\n|---|\n| {'word ' * 90}|\n", maximum=maximum)
    assert sum(piece.count("head") for piece in pieces) == 8


def test_a_fence_of_endless_words_is_not_repeated_around_every_line() -> None:
    text = f"```{'x ' * 40}\n{'y' * 20_000}\n```"
    pieces = cut(text, _quarters, target=10, maximum=15)
    assert sum(len(piece.text) for piece in pieces) <= len(text)


def test_text_that_fits_is_left_whole() -> None:
    text = "a b c\n\n- d\n\n```\ne\n```"
    assert _cut(f"\n{text}\n\n") == [text]
    assert _cut(" \n ") == []


def test_text_is_cut_between_blocks_first() -> None:
    blocks = [" ".join([letter] * 13) for letter in "abc"]
    assert _cut("\n\n".join(blocks)) == blocks


def test_code_block_above_the_maximum_stays_whole() -> None:
    code = "```js\n" + "a b c\n" * 100 + "```"
    assert _cut(f"{'w ' * 20}\n\n{code}\n\nafter") == [("w " * 20).strip(), code, "after"]


def test_line_that_introduces_code_goes_along_with_it() -> None:
    code = "```js\n" + "a b c\n" * 100 + "```"
    text = f"{'w ' * 18}\n\n**Tab**\n\nFor example:\n\n{code}"
    assert _cut(text) == [("w " * 18).strip(), f"**Tab**\n\nFor example:\n\n{code}"]
    assert _cut(f"Only this:\n\n{code}") == [f"Only this:\n\n{code}"]


def test_line_that_introduces_a_list_goes_along_with_it() -> None:
    items = "- a b c d\n" * 3
    assert _cut(f"{'w ' * 15}\n\nThese:\n\n{items}") == [
        ("w " * 15).strip(),
        f"These:\n\n{items}".strip(),
    ]


def test_code_far_too_long_is_cut_at_lines_and_fenced_again() -> None:
    code = "".join(f"line {number}\n" for number in range(2_000))
    pieces = _cut(f"- ```js title='a'\n{code}  ```\n")
    assert len(pieces) > 1
    assert pieces[0].startswith("- ```js title='a'\nline 0\n")
    assert all(piece.startswith("  ```js title='a'\nline ") for piece in pieces[1:])
    assert all(piece.endswith("\n  ```") for piece in pieces)


def test_line_of_code_without_end_is_cut_too() -> None:
    pieces = _texts("```\n" + "x" * 100_000 + "\n```", _quarters, target=200, maximum=250)
    assert sum(piece.count("x") for piece in pieces) == 100_000
    assert all(_quarters(piece) <= MAX_CODE_TOKENS for piece in pieces)


def test_list_is_cut_at_its_items_and_an_endless_item_within() -> None:
    items = [f"- {'a ' * 12}\n" for _ in range(4)]
    assert _cut("".join(items)) == ["".join(items[:1]).strip()] * 4
    long_item = "- Start:\n\n  ```\n  code\n  ```\n\n  " + "word. " * 40
    pieces = _cut(long_item)
    assert pieces[0].startswith("- Start:\n\n  ```\n  code\n  ```")
    assert _squeezed("".join(pieces)) == _squeezed(long_item)


def test_row_longer_than_a_piece_is_cut_like_prose() -> None:
    long_row = "| " + "word " * 60 + "|"
    pieces = _cut(f"| h |\n|---|\n| a |\n{long_row}\n| b |\n")
    assert pieces[0] == "| h |\n|---|\n| a |"
    assert pieces[-1] == "| h |\n|---|\n| b |"
    assert sum(piece.count("word") for piece in pieces) == 60


def test_table_may_end_with_such_a_row() -> None:
    pieces = _cut("| h |\n|---|\n| " + "word " * 60 + "|\n")
    assert sum(piece.count("word") for piece in pieces) == 60


def test_small_rest_joins_what_is_before_it() -> None:
    assert _cut(f"{'a ' * 20}\n\nend.") == [f"{('a ' * 20)}\n\nend."]


@pytest.mark.parametrize("word", ["x" * 1_000, "字" * 1_000])
def test_word_longer_than_a_piece_is_halved(word: str) -> None:
    pieces = _texts(word, _quarters, target=20, maximum=25)
    assert "".join(pieces) == word
    assert all(_quarters(piece) <= 25 for piece in pieces)
