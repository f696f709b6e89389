"""What a question asks for: its terms without those that only make it a question. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from proxy.lexical.languages import function_words
from proxy.lexical.words import terms_of

CODE_WEIGHT = 0.5
"""What a term counts that stands only in a listing, beside words that say what is asked about it:
names and numbers of an example are mostly the example's own."""
_LISTING = re.compile(r"(?:```|~~~).*?(?:```|~~~|\Z)", re.DOTALL)


def question_terms(question: str, language: str) -> Mapping[str, float]:
    """Return how much each term of a question counts; all of them where none tells anything."""
    terms = terms_of(language)
    prose = _LISTING.sub(" ", question)
    listings = " ".join(_LISTING.findall(question))
    if not prose.strip():
        return _telling(terms(listings), language)
    counts = dict(_telling(terms(prose), language))
    for term, count in _telling(terms(listings), language).items():
        counts[term] = counts.get(term, 0.0) + CODE_WEIGHT * count
    return counts


def _telling(found: Sequence[str], language: str) -> Mapping[str, float]:
    counts = {term: float(count) for term, count in Counter(found).items()}
    silent = _silent_terms(language)
    return {term: count for term, count in counts.items() if term not in silent} or counts


@cache
def _silent_terms(language: str) -> frozenset[str]:
    terms = terms_of(language)
    return frozenset(term for word in function_words(language) for term in terms(word))
