"""Counting word by word gives what the tokenizer gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from proxy.adapters.local.embedder import WEIGHTS
from proxy.adapters.local.wordpieces import WordpieceCounter

_TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(max_codepoint=127)),
    st.lists(
        st.sampled_from(
            [
                *("word", "Tokenization", "don't", "a_b", "naïve", "Σίσυφος", "字", "—", "“so”"),
                *(
                    " ",
                    "\n",
                    "\t",
                    "\u00a0",
                    "\u2028",
                    "\x0b",
                    "\x85",
                    "\u200b",
                    "\u00ad",
                    "\ufffd",
                ),
                *("[CLS]", "[MASK]", "##ing", "x" * 101, "é" * 120, "🙂", "e\u0301", "\ud800"),
            ]
        )
    ).map("".join),
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    read = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    read.no_padding()
    read.no_truncation()
    return read


@given(text=_TEXTS)
def test_a_count_is_what_the_tokenizer_makes(tokenizer: Tokenizer, text: str) -> None:
    encodable = text.encode("utf-8", "replace").decode()
    expected = len(tokenizer.encode(encodable, add_special_tokens=False))
    assert WordpieceCounter(tokenizer).count(text) == expected


def test_what_is_remembered_is_bounded(tokenizer: Tokenizer) -> None:
    counter = WordpieceCounter(tokenizer, most_words=100)
    numbers = " ".join(map(str, range(5_000, 6_000)))
    first = counter.count(numbers)
    assert counter.remembered == 1_000
    assert counter.count("one") == 1
    assert counter.remembered == 1
    assert counter.count(numbers) == first
