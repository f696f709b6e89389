"""What terms weigh in a chunk and in a question."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.lexical.bm25 import (
    K1,
    B,
    Lexicon,
    LexiconCounter,
    chunk_terms,
    chunk_weights,
    question_weights,
    term_id,
)
from proxy.lexical.words import terms_of
from tests.support.builders import make_chunk

documents = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9), min_size=1).map(Counter),
    min_size=1,
    max_size=12,
)


def lexicon_of(counts: list[Counter[str]]) -> Lexicon:
    """Return the statistics of some chunks."""
    counter = LexiconCounter()
    for count in counts:
        counter.add(count)
    return counter.lexicon()


def score(question: dict[str, float], chunk: Counter[str], lexicon: Lexicon) -> float:
    """Return the product that an index computes."""
    asked = question_weights(question, [lexicon]).weights
    said = chunk_weights(chunk, lexicon)
    return sum(weight * said.get(term, 0.0) for term, weight in asked.items())


def textbook(question: dict[str, float], chunk: Counter[str], all_of: list[Counter[str]]) -> float:
    """Return BM25 as it stands in the textbook."""
    average = sum(c.total() for c in all_of) / len(all_of)
    total = 0.0
    for term, count in question.items():
        frequency = sum(term in other for other in all_of)
        idf = math.log(1 + (len(all_of) - frequency + 0.5) / (frequency + 0.5))
        tf = chunk[term]
        damping = K1 * (1 - B + B * chunk.total() / average)
        total += count * idf * tf * (K1 + 1) / (tf + damping)
    return total


@given(documents, st.dictionaries(st.sampled_from("abcxyz"), st.sampled_from([0.5, 1.0, 2.0])))
def test_the_two_halves_make_bm25(counts: list[Counter[str]], question: dict[str, float]) -> None:
    lexicon = lexicon_of(counts)
    for chunk in counts:
        expected = textbook(question, chunk, counts)
        assert score(question, chunk, lexicon) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(documents, st.dictionaries(st.sampled_from("abcxyz"), st.sampled_from([0.5, 1.0])))
def test_no_chunk_scores_more_than_is_possible(
    counts: list[Counter[str]], question: dict[str, float]
) -> None:
    lexicon = lexicon_of(counts)
    possible = question_weights(question, [lexicon]).possible
    assert all(score(question, chunk, lexicon) <= possible + 1e-9 for chunk in counts)


@given(documents, documents)
def test_books_that_are_searched_together_weigh_a_term_as_one_book_would(
    one: list[Counter[str]], other: list[Counter[str]]
) -> None:
    question = {"a": 1.0, "b": 2.0, "x": 1.0}
    together = question_weights(question, [lexicon_of(one), lexicon_of(other)])
    assert together == question_weights(question, [lexicon_of([*one, *other])])


def test_a_term_that_is_nowhere_weighs_nothing_and_counts_as_missing() -> None:
    lexicon = lexicon_of([Counter({"a": 1})])
    asked = question_weights({"a": 1.0, "zzz": 1.0}, [lexicon])
    assert asked.weights.keys() == {term_id("a")}
    assert asked.possible > (K1 + 1) * asked.weights[term_id("a")]
    assert lexicon.frequency(term_id("zzz")) == 0


def test_an_empty_edition_has_an_empty_lexicon() -> None:
    lexicon = LexiconCounter().lexicon()
    assert (lexicon.chunks, lexicon.average_terms) == (0, 0.0)
    assert question_weights({"a": 1.0}, [lexicon]).weights == {}


def test_a_heading_counts_for_more_than_the_text_below_it() -> None:
    chunk = make_chunk("Ports are closed.", heading_path=("Running", "Sockets"))
    counts = chunk_terms(chunk, terms_of("en"))
    assert counts["socket"] == 3 * counts["port"]
