"""How like the places of two words are."""

from proxy.rag.verification.evidence import Comparison, evidence_of
from proxy.rag.verification.facts import facts_of
from proxy.rag.verification.surroundings import Place, Surroundings
from tests.support.builders import make_chunk

SAID = facts_of("The front pump runs at five bar.")
FIVE = SAID.places["five"][0]


def surroundings(passage: str) -> tuple[Surroundings, Comparison]:
    compared = Comparison(SAID, [evidence_of(make_chunk(passage, heading_path=("Pump",)))])
    return Surroundings(compared), compared


def likeness(passage: str, word: str) -> float:
    compared = surroundings(passage)[0]
    line = facts_of(passage)
    return compared.likeness(FIVE, Place(line, line.places[word][0]))


def test_the_same_words_around_are_all_that_can_be() -> None:
    assert likeness("The front pump runs at nine bar.", "nine") == 1


def test_other_words_around_are_nothing() -> None:
    assert likeness("Whales have nine lives.", "nine") == 0


def test_words_of_another_clause_tell_less() -> None:
    near, far = "The front pump runs at nine bar.", "The front pump runs, and nine bar are left."
    assert 0 < likeness(far, "nine") < likeness(near, "nine")


def test_words_far_off_tell_less_where_they_fade() -> None:
    line = facts_of("Nine old lids lie beside the front pump.")
    place = Place(line, line.places["nine"][0])
    compared, _ = surroundings("Nine old lids lie beside the front pump.")
    assert compared.likeness(FIVE, place, fading=0.3) < compared.likeness(FIVE, place)


def test_the_best_of_no_places_is_nothing() -> None:
    assert surroundings("The pump.")[0].best(FIVE, []) == 0


def test_where_nothing_stands_around_nothing_differs() -> None:
    said = facts_of("Stored.")
    line = facts_of("It is stored in a lid.")
    chunk = make_chunk("It is stored in a lid.", heading_path=("Pump",))
    compared = Surroundings(Comparison(said, [evidence_of(chunk)]))
    assert compared.likeness(0, Place(line, line.places["store"][0])) == 1
