"""What is noted of an answer: the texts, and which of the passages it cites."""

from typing import Any

from proxy.limits.noted import Noted
from proxy.protocol.chat_events import Finish, Sources, TextDelta
from proxy.store import SeenPassage
from tests.support.interactions import passage


def at(start: int, end: int) -> dict[str, Any]:
    return {"type": "url_citation", "url_citation": {"start_index": start, "end_index": end}}


def given(*titles: str) -> dict[int, SeenPassage]:
    return {number: passage(title) for number, title in enumerate(titles, start=1)}


def test_passages_are_cited_by_the_markers_of_the_text() -> None:
    noted = Noted()
    noted.looked_up("grounded", "why?", given("Start", "Winter", "Manual"))
    noted.feed([TextDelta("Two bar. [1]")])
    noted.feed([TextDelta(" By hand. [3]"), Sources([at(9, 12), at(22, 25)], {}), Finish("stop")])
    assert [(seen.title, seen.is_cited) for seen in noted.passages] == [
        ("Start", True),
        ("Winter", False),
        ("Manual", True),
    ]
    assert (noted.text, noted.rag_status, noted.question) == (
        "Two bar. [1] By hand. [3]",
        "grounded",
        "why?",
    )


def test_places_are_those_of_their_own_choice() -> None:
    noted = Noted()
    noted.looked_up("grounded", "why?", given("Start", "Winter"))
    noted.feed([TextDelta("A. [1]", 0), TextDelta("So: [2]", 1)])
    noted.feed([Sources([at(3, 6)], {}, 0), Sources([at(4, 7)], {}, 1)])
    assert [seen.is_cited for seen in noted.passages] == [True, True]
    assert noted.text == "A. [1]So: [2]"


def test_a_number_without_a_passage_cites_none() -> None:
    noted = Noted()
    noted.looked_up("grounded", "why?", {2: passage("Winter")})  # the first was a selection
    noted.feed([TextDelta("[1] [2]"), Sources([at(0, 3)], {})])
    assert [(seen.title, seen.is_cited) for seen in noted.passages] == [("Winter", False)]


def test_what_was_never_looked_up_has_no_status() -> None:
    noted = Noted()
    noted.feed([TextDelta("Hello.")])
    assert (noted.rag_status, list(noted.passages), noted.question) == ("", [], "")
