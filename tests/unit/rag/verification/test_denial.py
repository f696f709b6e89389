"""Who denies what the other states."""

import pytest

from proxy.rag.verification.denial import denies_otherwise
from proxy.rag.verification.evidence import Comparison, evidence_of
from proxy.rag.verification.facts import facts_of
from proxy.rag.verification.surroundings import Surroundings
from tests.support.builders import make_chunk


def denies(said: str, passage: str) -> bool:
    chunk = make_chunk(passage, heading_path=("Pump",))
    compared = Comparison(facts_of(said), [evidence_of(chunk)])
    return denies_otherwise(compared, Surroundings(compared))


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("It is not stored.", "Nothing is stored."),
        ("It is never stored.", "It is not stored."),
        ("It does not change its id.", "It keeps its id."),
        ("It keeps its id.", "It does not change its id."),
        ("It is not accepted.", "It is refused."),
        ("It never exceeds 8 kB.", "It has at most 8 kB."),
        ("Neither names nor keys are logged.", "Names and keys are not logged."),
        ("Without a key the reader answers.", "Unless there is a key, the reader answers."),
        ("The reader answers.", "The reader answers and does not sleep."),
        ("It can't be undone.", "It cannot be undone."),
        ("It no longer needs a key.", "They removed the need for a key."),
        ("Only the brass lever reaches it.", "The brass lever reaches it, steel does not."),
        ("The pump starts neither in rain nor in snow.", "In rain and snow it never starts."),
        ("The pump starts with `--no-wait`.", "Give it `--no-wait`, and the pump starts."),
        ("If None Of The Above wins, vote again.", "Vote again if None Of The Above wins."),
        ("It overwrites keys, and refuses names.", "It refuses to overwrite old names too."),
    ],
)
def test_the_same_in_other_words(said: str, passage: str) -> None:
    assert not denies(said, passage)


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("It is stored.", "It is not stored."),
        ("It is not stored.", "It is stored."),
        ("It does not keep its id.", "It keeps its id."),
        ("Names are logged.", "Names are never logged."),
        ("The reader answers without a key.", "The reader answers with a key."),
        ("It can be undone, without a key.", "It cannot be undone, without a key."),
        ("The pump overwrites old keys too.", "The pump refuses to overwrite old keys."),
        (
            "The old lever is not red when names do not count.",
            "The old lever is red when names do not count.",
        ),
        ("The club is a profit organization.", "The club is a non-profit organization."),
        ("The pump will not run without water.", "The pump will run without water."),
        ("If None Of The Above wins, do not vote again.", "If None Of The Above wins, vote again."),
    ],
)
def test_the_contrary(said: str, passage: str) -> None:
    assert denies(said, passage)
