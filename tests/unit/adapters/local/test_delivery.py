"""A finished text as a stream within the request's limits."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.local.delivery import batches, cut_at_stop, cut_to_length, words_of
from proxy.protocol.chat_events import TextDelta


def count(text: str) -> int:
    return len(text.split())


@given(st.text(max_size=200))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words_of(text)) == text


@given(st.text(max_size=200))
def test_deltas_joined_are_the_text_and_never_empty(text: str) -> None:
    events = [event for batch in batches(text, 3) for event in batch]
    deltas = [event for event in events if isinstance(event, TextDelta)]
    assert "".join(delta.text for delta in deltas) == text
    assert all(delta.text and delta.index == 3 for delta in deltas)
    assert all(batch for batch in batches(text, 0))


def test_the_first_stop_sequence_ends_the_text() -> None:
    assert cut_at_stop("one two three", ["three", "two"]) == "one "
    assert cut_at_stop("one", ["two"]) == "one"


def test_a_limit_cuts_behind_a_whole_word() -> None:
    assert cut_to_length("one two three", 2, count) == ("one two", "length", 2)


def test_a_text_within_the_limit_stays_whole() -> None:
    assert cut_to_length("one two", 2, count) == ("one two", "stop", 2)
    assert cut_to_length("one two", None, count) == ("one two", "stop", 2)


@given(st.text(max_size=100), st.integers(1, 20))
def test_the_limit_is_kept(text: str, limit: int) -> None:
    kept, reason, used = cut_to_length(text, limit, count)
    assert used == count(kept) <= limit
    assert text.startswith(kept)
    assert (reason == "stop") == (kept == text)
