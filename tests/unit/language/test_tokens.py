"""Estimates beside what tokenizers count: never fewer, and not many times as many.

The tokenizers come with the package `splintr-rs`. Gemini's own is not to be had offline; Gemma 3's
stands in for it, which Google publishes as one of the same family.
"""

from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from splintr import AnyTokenizer, Tokenizer

from proxy.language.tokens import tokens_in
from tests.support.many_scripts import NO_PROSE, PARAGRAPHS
from tests.support.repository import ROOT

TOKENIZERS = (
    "gemma3",
    "cl100k_base",
    "o200k_base",
    "llama3",
    "deepseek_v3",
    "mistral_v3",
    "qwen",
    "glm4",
)
LATIN = ("english", "german", "vietnamese")
FILES = [*sorted((ROOT / "docs").rglob("*.md"))[::4], *sorted((ROOT / "proxy/rag").glob("*.py"))]


@lru_cache
def tokenizer(name: str) -> AnyTokenizer:
    return Tokenizer.from_pretrained(name)


def counted(text: str, name: str) -> int:
    return len(tokenizer(name).encode(text))


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("kind", [*PARAGRAPHS, *NO_PROSE])
def test_no_tokenizer_counts_more(kind: str, name: str) -> None:
    text = (PARAGRAPHS | NO_PROSE)[kind]
    assert tokens_in(text) >= counted(text, name)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_no_tokenizer_counts_more_in_the_manual_and_in_code(name: str) -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert tokens_in(text) >= counted(text, name), file


@pytest.mark.parametrize("language", LATIN)
def test_latin_script_is_estimated_at_most_twice_as_long_as_gemini_reads_it(language: str) -> None:
    text = PARAGRAPHS[language]
    assert tokens_in(text) <= 2 * counted(text, "gemma3")


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_any_script_is_estimated_at_most_half_as_long_again_as_the_worst(language: str) -> None:
    text = PARAGRAPHS[language]
    assert tokens_in(text) <= 1.5 * max(counted(text, name) for name in TOKENIZERS)


def test_prose_and_code_are_estimated_at_most_half_as_long_again() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert tokens_in(text) <= 1.6 * counted(text, "gemma3"), file


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_longer_text_is_never_estimated_shorter(one: str, other: str) -> None:
    assert tokens_in(one + other) >= max(tokens_in(one), tokens_in(other)) >= 1


def test_what_is_no_script_counts_its_bytes() -> None:
    assert tokens_in("𒀀" * 10) == 41
    assert tokens_in("\ud800" * 10) == 31
