"""A text to the terms it is found by: identifiers whole and in parts, CJK in pairs, words stemmed.

The same function reads chunks and questions, so that what stands in one is found in the other.
Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from proxy.lexical.languages import stemmer_of

Terms = Callable[[str], list[str]]
"""A text to its terms, in order, repetitions kept."""


def _combining_marks() -> str:
    """Return the signs that belong to a word and are no letters: the vowels of Hindi, accents."""
    scripts = (chr(code) for code in range(0x300, 0x1E00))
    return "".join(sign for sign in scripts if unicodedata.category(sign) in {"Mn", "Mc"})


_WORD = re.compile(rf"\w[\w{_combining_marks()}]*")
_CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]+")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_OPERATOR = re.compile(r"::|->|=>|\*\*|//|[&*@%^|]")
"""Signs of programs that people ask about. In prose they are rare or, as list marks, so frequent
that they weigh next to nothing."""
_MAX_WORD_CHARS = 64
"""What is longer is no word: a hash, base64, a line without spaces."""


def terms_of(language: str) -> Terms:
    """Return what turns a text of this language (two letters) into its terms."""
    stem = stemmer_of(language)

    def terms(text: str) -> list[str]:
        return [*map(stem, words(text)), *_OPERATOR.findall(text)]

    return terms


def words(text: str) -> Iterator[str]:
    """Yield words in lower case; `numColumns` also gives `num` and `columns`."""
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        word = match[0].strip("_")
        if not word or len(word) > _MAX_WORD_CHARS:
            continue
        if not word.isascii():
            if _CJK.search(word):
                yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
            else:
                yield word.lower()
            continue
        yield word.lower()
        if word.isalpha() and (word.islower() or word.istitle()):
            continue  # most words, and of one part
        parts = _PART.findall(word)
        if len(parts) > 1:
            yield from (part.lower() for part in parts)
