"""Texts that nearly say the same."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.rag.retrieval.duplicates import SeenTexts

TEXT = (
    "The server listens on port 8000 of the loopback address, which only this machine can reach. "
    "Another address needs keys, or a decision that everybody may call; without either of them the "
    "start is refused in one line that says what to do."
)


def test_a_text_is_new_once() -> None:
    seen = SeenTexts()
    assert not seen.is_repeated(TEXT)
    assert seen.is_repeated(TEXT)
    assert seen.is_repeated(f"  {TEXT.upper()} ")


def test_a_word_more_or_less_is_no_new_text() -> None:
    seen = SeenTexts()
    assert not seen.is_repeated(TEXT)
    assert seen.is_repeated(TEXT.replace("which ", ""))
    assert not seen.is_repeated("The server listens on a socket that systemd has opened for it.")


def test_short_texts_are_compared_too() -> None:
    seen = SeenTexts()
    assert [seen.is_repeated(text) for text in ("Yes.", "No.", "yes")] == [False, False, True]


words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=40)


def runs(text: list[str]) -> set[tuple[str, ...]]:
    """Return all runs of three words."""
    return {tuple(text[n : n + 3]) for n in range(max(1, len(text) - 2))}


@given(words, st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abcd")), max_size=4), words)
def test_two_texts_are_alike_when_four_fifths_of_their_runs_are(
    text: list[str], changes: list[tuple[int, str]], between: list[str]
) -> None:
    other = list(text)
    for place, word in changes:
        other[place : place + 1] = [word]
    one, two, third = runs(text), runs(other), runs(between)
    seen = SeenTexts()
    assert not seen.is_repeated(" ".join(text))
    is_third_new = not seen.is_repeated(" ".join(between))
    earlier = [one, third] if is_third_new else [one]
    assert is_third_new == (5 * len(one & third) < 4 * len(one | third))
    assert seen.is_repeated(" ".join(other)) == any(
        5 * len(two & before) >= 4 * len(two | before) for before in earlier
    )
