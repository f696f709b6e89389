"""What speaks for a piece of a passage."""

import numpy as np

from proxy.adapters.local.relevance import score_units, worth_comparing
from proxy.adapters.local.units import Unit
from proxy.ports import FloatMatrix

QUESTION = np.array([1, 0], np.float32)


def same(count: int) -> FloatMatrix:
    return np.tile(np.array([0.6, 0.8], np.float32), (count, 1))


def unit(text: str, *, passage: int = 0, context: str = "") -> Unit:
    return Unit("sentence", text, passage=passage, position=0, context=context)


def test_the_nearer_meaning_scores_higher() -> None:
    vectors = np.array([[0.6, 0.8], [0.8, 0.6]], np.float32)
    far, near = score_units("?", QUESTION, [unit("a"), unit("b")], vectors)
    assert near.score > far.score
    assert np.isclose(near.similarity, 0.8)


def test_words_of_the_question_count_and_rare_ones_more() -> None:
    texts = ["the server", "a server and a shard", "server", "shard", "nothing"]
    scored = score_units("server shard", QUESTION, [unit(t) for t in texts], same(5))
    one, both, _, rare, none = (s.words for s in scored)
    assert both > rare > one > none == 0


def test_a_word_in_the_heading_counts_half() -> None:
    units = [unit("shard"), unit("it", context="shard")]
    said, above = score_units("shard", QUESTION, units, same(2))
    assert np.isclose(above.words, said.words / 2)


def test_an_earlier_passage_comes_first_among_equals() -> None:
    units = [unit("a", passage=3), unit("a", passage=0)]
    late, early = score_units("x", QUESTION, units, same(2))
    assert early.score > late.score


def test_a_definition_beats_a_mention() -> None:
    units = [unit("Hermes runs here."), unit("Hermes is an engine.")]
    mention, definition = score_units("What is Hermes?", QUESTION, units, same(2))
    assert definition.score > mention.score + 0.2


def test_an_announcement_is_less_than_what_it_announces() -> None:
    announcement, statement = score_units("x", QUESTION, [unit("So:"), unit("So.")], same(2))
    assert statement.score > announcement.score


def test_a_question_without_content_words_is_judged_by_meaning() -> None:
    (scored,) = score_units("How do I do it?", QUESTION, [unit("You do it.")], same(1))
    assert scored.words == 0


def test_later_passages_are_compared_only_where_a_word_is_shared() -> None:
    units = [unit("a", passage=0), unit("b", passage=5), unit("Shards grow.", passage=5)]
    assert worth_comparing("What is a shard?", units) == [units[0], units[2]]


def test_a_name_that_no_passage_mentions_speaks_against_all_of_them() -> None:
    units = [unit("Components are used so."), unit("Use them.", context="Rendering")]
    known = score_units("Can I use the components?", QUESTION, units, same(2))
    strange = score_units("Can I use the Vue components?", QUESTION, units, same(2))
    assert all(s.score < k.score - 0.2 for s, k in zip(strange, known, strict=True))
    mentioned = [*units, unit("Vue renders otherwise.")]
    scored = score_units("Can I use the Vue components?", QUESTION, mentioned, same(3))
    assert scored[0].score > strange[0].score + 0.2
