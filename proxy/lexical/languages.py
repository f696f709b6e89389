"""Languages by their two-letter code: how words are stemmed, which say nothing, which it is."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PyStemmer and py3langid have no types)

import re
from collections.abc import Callable
from functools import cache, lru_cache

import Stemmer

from proxy.language.words import FUNCTION_WORDS

DEFAULT_LANGUAGE = "en"

_STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Snowball's name of each language; words of others are taken as they are."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_SAMPLE_CHARS = 6_000


@cache
def stemmer_of(language: str) -> Callable[[str], str]:
    """Return what turns a word in lower case into its stem."""
    name = _STEMMERS.get(language)
    if name is None:
        return lambda word: word

    @lru_cache(maxsize=50_000)
    def stem(word: str) -> str:
        # A stemmer keeps state while it works, so each call has its own.
        return str(Stemmer.Stemmer(name, 0).stemWord(word))

    return stem


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the words of a language that say nothing about a subject, in lower case.

    The English ones are our own, because the lists there are hold words that books are about, such
    as "computer", "system" and "interface".
    """
    if language == "en":
        return FUNCTION_WORDS
    import stopwordsiso  # noqa: PLC0415 - reads 200 kB that English books never need

    return (
        frozenset(stopwordsiso.stopwords(language))
        if stopwordsiso.has_lang(language)
        else frozenset()
    )


def language_of(text: str) -> str:
    """Return the language of a text, its code left aside; English where it has no words."""
    prose = _CODE.sub(" ", text)[:_SAMPLE_CHARS]
    if not any(character.isalpha() for character in prose):
        return DEFAULT_LANGUAGE
    import py3langid  # noqa: PLC0415 - loads its model, which only an ingest needs

    return str(py3langid.classify(prose)[0])
