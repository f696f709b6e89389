"""Texts that nearly say the same."""

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
