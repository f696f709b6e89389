"""Which language it is, and what that changes."""

import pytest

from proxy.lexical.languages import function_words, language_of, stemmer_of

TEXTS = {
    "en": "The server listens on one port and lets open answers finish before it stops.",
    "de": "Der Server wartet auf einem Port und lässt offene Antworten zu Ende gehen.",
    "ur": "یہ کتاب روبوٹ بنانے کے بارے میں ہے اور ہر باب میں مثالیں ہیں",
    "zh": "这本书讲述如何制造机器人,每一章都有例子和练习。",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_a_language_is_known_by_its_text(language: str, text: str) -> None:
    assert language_of(text) == language


def test_code_says_nothing_about_the_language() -> None:
    code = "```python\nfor line in file:\n    print(line.strip())\n```"
    assert (
        language_of(f"{code}\n{TEXTS['de']}\n{code} `the_name` https://the.example/of/it") == "de"
    )
    assert language_of(code) == "en"
    assert language_of("") == "en"


@pytest.mark.parametrize(
    ("language", "silent", "telling"),
    [("en", "what", "computer"), ("de", "und", "server"), ("fr", "est", "serveur")],
)
def test_function_words_are_those_of_the_language(language: str, silent: str, telling: str) -> None:
    assert silent in function_words(language)
    assert telling not in function_words(language)


def test_a_language_that_nobody_knows_is_taken_as_it_is() -> None:
    assert function_words("xx") == frozenset()
    assert stemmer_of("xx")("running") == "running"
