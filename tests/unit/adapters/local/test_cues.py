"""Kinds of questions and the look of their answers."""

import pytest

from proxy.adapters.local.cues import cues_of, defines, fit, is_known, names_in
from proxy.adapters.local.units import Unit, UnitKind
from proxy.language.words import terms


def unit(text: str, kind: UnitKind = "sentence") -> Unit:
    return Unit(kind, text, passage=0, position=0, context="")


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("How many workers are there?", "There are 4 of them.", "There are some."),
        ("Where is the index?", "It is in `data/index`.", "It is small."),
        ("When is it deleted?", "It goes after an hour.", "It goes away."),
        ("Why is it slow?", "It waits because the disk is slow.", "It waits."),
        ("What is a shard?", "A shard is a part of the index.", "Shards grow."),
        ("How do I start it?", "Run the server.", "It was started by others."),
        ("Which command lists books?", "`book-proxy books`", "Books are listed."),
        ("May I delete it?", "You must not.", "Deletion takes a second."),
    ],
)
def test_an_answer_of_the_kind_asked_for_fits_better(
    question: str, answer: str, other: str
) -> None:
    cues = cues_of(question)
    assert fit(cues, unit(answer)) > fit(cues, unit(other))


def test_code_answers_how() -> None:
    assert fit(cues_of("How do I build it?"), unit("```\nmake\n```", "code")) == 1


def test_a_question_without_cues_favours_nothing() -> None:
    assert fit(cues_of("install linux"), unit("Run 4 commands.")) == 0


@pytest.mark.parametrize("question", ["What is Hermes?", "define hermes", "What does Hermes mean?"])
def test_a_definition_is_recognised(question: str) -> None:
    assert defines(question, unit("Hermes is an engine."))
    assert not defines(question, unit("Without Hermes nothing runs."))


def test_only_questions_for_a_definition_have_one() -> None:
    assert not defines("How fast is Hermes?", unit("Hermes is an engine."))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Can I use Vue components?", {"Vue"}),
        ("Which SQL does asyncStorage (on Ubuntu) speak?", {"SQL", "asyncStorage", "Ubuntu"}),
        ("how do I translate it with i18next in 2024", {"i18next"}),
        ("Kubernetes or nothing?", set[str]()),
        ("What shall I do?", set[str]()),
        ("HOW DOES THE CACHE WORK?", set[str]()),
        ("How Does It Please You?", set[str]()),
        ("Wie installiere ich das Paket auf der Maschine?", set[str]()),
    ],
)
def test_what_a_question_calls_by_name_is_recognised(question: str, names: set[str]) -> None:
    assert names_in(question) == names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GPUs", "more than one GPU"),
        ("Python3", "Python 3 is needed"),
        ("HTTP2", "over HTTP 2"),
        ("asyncStorage", "the asyncStorage module"),
        ("Caches", "a cache"),
    ],
)
def test_a_name_is_known_by_its_forms_and_parts(name: str, text: str) -> None:
    assert is_known(name, terms(text))
    assert not is_known(name, terms("something else"))
